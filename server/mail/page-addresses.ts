/** The addresses of our pages, as mails and the extension are told them. `at` is the public one. */
export const pageAddresses = (at: string) => ({
  forgot: `${at}/password/forgot`,
  signUp: `${at}/sign-up`,
  reset: (token: string) => `${at}/password/reset/${token}`,
  invitation: (token: string) => `${at}/invitation/${token}`,
  confirm: (token: string) => `${at}/sign-up/${token}`,
})
