import type { Account as ShownAccount } from '../../messages/state.ts'
import type { Account } from '../../protocol/connection.ts'
import { shownName } from '../../protocol/display-name.ts'

/** Whoever calls by a name of which nothing can be shown; the call is none the less. */
const unknownCaller = 'Unknown caller'

/** A call as it can be shown: by a name. */
export const withCaller = <Call extends { readonly from: string }>(call: Call): Call => ({
  ...call,
  from: shownName(call.from) || unknownCaller,
})

/** An account as it can be shown: by its name, or what else it is known by. */
export function shownAccount({
  name,
  username,
  email,
  picture,
}: Omit<Account, 'id' | 'language'>): ShownAccount {
  const address = shownName(email)
  const login = shownName(username ?? '')
  return {
    name: shownName(name) || login || address || 'No name',
    username: login || null,
    email: address,
    picture,
  }
}
