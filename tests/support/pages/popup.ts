import type { Page } from '../page.ts'
import type { Person } from '../server/add-person.ts'

/** The popup as a person meets it: by names and roles, never by selectors. */
export function popupOn<P extends Page>(page: P) {
  const username = page.getByRole('textbox', { name: 'Username' })
  const password = page.getByLabel('Password', { exact: true })
  const staySignedIn = page.getByRole('checkbox', { name: 'Stay signed in' })
  const logInButton = page.getByRole('button', { name: 'Log in' })
  const menuButton = page.getByRole('button', { name: /^Account menu/ })

  async function submit(login: string, secret: string): Promise<void> {
    await username.fill(login)
    await password.fill(secret)
    await logInButton.click()
  }

  return {
    page,
    username,
    password,
    showPassword: page.getByRole('button', { name: 'Show password' }),
    staySignedIn,
    logInButton,
    menuButton,
    /** What is said beside the form of itself, without having been asked. */
    statusText: async () => (await page.getByRole('status').allTextContents()).join('').trim(),
    /** The other way in: the button of an issuer by this name. */
    issuerButton: (issuer: string) =>
      page.getByRole('button', { name: `Sign in with ${issuer}`, exact: true }),
    forgot: page.getByRole('button', { name: 'Forgot password?' }),
    /** The one sentence, whatever it says. */
    sentence: page.getByRole('heading', { level: 1 }),
    missed: page.getByRole('region', { name: /missed calls?$/i }),
    /** What the alerts say at this moment, all together. */
    alertText: async () => (await page.getByRole('alert').allTextContents()).join('').trim(),
    submit,
    /** Logs in and waits until the popup shows that someone is. */
    logIn: async (person: Person, options: { staySignedIn?: boolean } = {}): Promise<void> => {
      if (options.staySignedIn) await staySignedIn.check()
      await submit(person.username, person.password)
      await menuButton.waitFor()
    },
    openMyAccount: async (): Promise<void> => {
      await menuButton.click()
      await page.getByRole('menuitem', { name: 'My account' }).click()
    },
    logOut: async (): Promise<void> => {
      await menuButton.click()
      await page.getByRole('menuitem', { name: 'Log out' }).click()
      await username.waitFor()
    },
  }
}
