import type { Page } from '../page.ts'

export function optionsOn<P extends Page>(page: P) {
  const address = page.getByLabel('Server address')
  const keep = page.getByRole('button', { name: 'Save' })
  const outcome = page.getByText(/^Saved\./)

  async function tryServer(typed: string): Promise<void> {
    await address.fill(typed)
    await keep.click()
  }

  return {
    page,
    address,
    alertText: async () => (await page.getByRole('alert').allTextContents()).join('').trim(),
    testRing: page.getByRole('button', { name: 'Test ring' }),
    tryServer,
    setServer: async (url: string): Promise<void> => {
      await tryServer(url)
      await outcome.waitFor()
    },
  }
}
