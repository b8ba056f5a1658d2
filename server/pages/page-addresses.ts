import type { SignInOffers } from '../../protocol/http.ts'
import type { AccountConfig } from '../accounts/account-config.ts'

/** The addresses of our pages, as mails and the extension are told them. `at` is the public one. */
export const pageAddresses = (at: string) => ({
  forgot: `${at}/password/forgot`,
  signUp: `${at}/sign-up`,
  reset: (token: string) => `${at}/password/reset/${token}`,
  invitation: (token: string) => `${at}/invitation/${token}`,
  confirm: (token: string) => `${at}/sign-up/${token}`,
})

/** What `GET /health` tells the extension of our pages. */
export function pageOffers(
  at: string,
  signUp: AccountConfig['signUp'],
): Pick<SignInOffers, 'forgot' | 'signUp'> {
  const addresses = pageAddresses(at)
  return { forgot: addresses.forgot, signUp: signUp === 'off' ? null : addresses.signUp }
}
