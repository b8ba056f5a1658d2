import type { Page } from '../page.ts'

/** The issuer's account chooser, as a person meets it. */
export function accountChooserOn(page: Page) {
  const press = (name: string) => page.getByRole('button', { name }).click()
  return {
    page,
    heading: page.getByRole('heading', { name: 'Choose an account' }),
    choose: press,
    deny: () => press('Deny'),
    another: async (email: string): Promise<void> => {
      await press('Use another account')
      await page.getByRole('textbox', { name: 'Email' }).fill(email)
      await press('Next')
    },
    /** Closes the window as its person does. */
    close: () => page.close(),
  }
}
