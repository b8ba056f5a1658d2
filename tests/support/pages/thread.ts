import type { Page } from '../page.ts'

/** The messages with one contact, wherever they are shown. */
export function threadOn<P extends Page>(page: P) {
  const field = page.getByRole('textbox', { name: /^Message to / })
  const bubbles = page.locator('.message .bubble')

  return {
    page,
    field,
    /** The links within messages. */
    links: page.locator('.message .bubble a'),
    /** The lines that say something of a message, such as `Waiting to be sent`. */
    feet: async (): Promise<readonly string[]> =>
      (await page.locator('.message-foot').allInnerTexts()).map((text) => text.trim()),
    /** What was written, of those messages that are drawn, oldest first. */
    texts: async (): Promise<readonly string[]> =>
      (await bubbles.allTextContents()).map((text) => text.replace(/^[^:]+:\d\d(?: [AP]M)?:\s/, '').trim()),
    send: async (text: string): Promise<void> => {
      await field.fill(text)
      await field.waitFor()
      await page.getByRole('button', { name: 'Send', exact: true }).click()
    },
    earlier: page.getByRole('button', { name: 'Load earlier' }),
    back: () => page.getByRole('button', { name: 'Back', exact: true }).click(),
  }
}
