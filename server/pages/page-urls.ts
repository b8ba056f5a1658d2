import type { SignInOffers } from '../../protocol/http.ts'
import type { AccountConfig } from '../accounts/account-config.ts'

/** The URLs of our pages, as mails and the extension are told them. `at` is the public one. */
export const pageUrls = (at: string) => ({
  start: `${at}/`,
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
  const urls = pageUrls(at)
  return { forgot: urls.forgot, signUp: signUp === 'off' ? null : urls.signUp }
}
