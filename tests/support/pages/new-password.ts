import type { Page } from '../page.ts'

/** The page that asks for a new password, wherever it stands. */
export function newPasswordOn<P extends Page>(page: P) {
  const first = page.getByLabel('New password', { exact: true })
  const again = page.getByLabel('New password, once more')
  const needs = page.getByRole('listitem')

  return {
    page,
    username: page.getByLabel('Your username'),
    first,
    again,
    /** What the list of what it needs says is still missing. */
    missing: () => needs.filter({ hasText: 'still missing' }).allInnerTexts(),
    done: () => needs.filter({ hasText: 'done' }).count(),
    choose: async (password: string, once = password): Promise<void> => {
      await first.fill(password)
      await again.fill(once)
      await page.getByRole('button', { name: 'Set the new password' }).click()
    },
    heading: (name: string) => page.getByRole('heading', { level: 1, name }),
  }
}
