import type { Route } from '../http/route.ts'
import type { Fault } from '../pages/form-fields.ts'
import { readPassword } from '../pages/password-fields.ts'
import { showPage } from '../pages/show-page.ts'
import type { OwnSaid } from './account-locale.ts'
import { changePassword, type PasswordChange, type PasswordParts } from './change-password.ts'
import { passwordPage } from './password-page.ts'
import type { TellDevices } from './tell-devices.ts'
import type { Visitors } from './web-session-middleware.ts'

export interface PasswordRouteParts extends PasswordParts {
  readonly visitors: Visitors
  readonly tell: TellDevices
  /** Something was put into the outbox. */
  readonly wake: () => void
}

/** Changing one's password by the one that one has. */
export const passwordRoutes = ({ visitors, tell, wake, ...parts }: PasswordRouteParts): Route[] => [
  visitors.page('/account/password', (request, { person, said }) =>
    person.hasPassword ? showPage(request, passwordPage(said, person)) : request.redirect('/account', 303),
  ),
  visitors.form('/account/password', async (request, { person, changing, said }, form) => {
    const typed = readPassword(said.words, form.get('password'), form.get('again'))
    const again = (faults: readonly Fault[], status: 422 | 429 = 422) =>
      showPage(request, passwordPage(said, person, faults, typed), status)
    const old = form.get('old')
    const missing = old === '' ? [{ field: 'old', words: said.own.password.oldMissing }] : []
    if (missing.length + typed.faults.length > 0) return again([...missing, ...typed.faults])
    const { language } = said
    const outcome = await changePassword(parts, changing, { old, next: typed.password, language })
    if (outcome === 'changed') {
      tell.recheck(person.id)
      wake()
      return request.redirect('/account?done=password', 303)
    }
    if (outcome !== 'same' && outcome.kind === 'none') return request.redirect('/account', 303)
    const tooMany = outcome !== 'same' && outcome.kind === 'too-many'
    if (tooMany) request.header('Retry-After', String(outcome.retryAfter))
    return again([faultOf(said, outcome)], tooMany ? 429 : 422)
  }),
]

function faultOf({ own }: OwnSaid, outcome: Exclude<PasswordChange, 'changed' | { kind: 'none' }>): Fault {
  if (outcome === 'same') return { field: 'password', words: own.password.same }
  if (outcome.kind === 'too-many') return { field: 'old', words: own.tooSoon(outcome.retryAfter) }
  return { field: 'old', words: own.password.wrong }
}
