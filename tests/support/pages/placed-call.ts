import type { Page } from '../page.ts'

/** The window of a call that its person placed. */
export function placedCallOn<P extends Page>(page: P) {
  return {
    page,
    callee: page.getByRole('heading', { level: 1 }),
    /** How the call stands; '' once its window has closed. */
    words: async (): Promise<string> => {
      if (await page.isClosed()) return ''
      return (await page.locator('.call-words, .placed-still').allTextContents()).join(' ').trim()
    },
    /** The short answer of who declined. */
    reply: page.locator('.placed-reply'),
    cancel: page.getByRole('button', { name: /^Cancel the call/ }),
    again: page.getByRole('button', { name: /^Call again/ }),
    leaveMessage: page.getByRole('button', { name: 'Leave a message' }),
  }
}
