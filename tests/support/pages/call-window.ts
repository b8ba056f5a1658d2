import type { Page } from '../page.ts'

export function callWindowOn<P extends Page>(page: P) {
  return {
    page,
    caller: page.getByRole('heading', { level: 1 }),
    status: page.getByRole('status'),
    title: () => page.evaluate(() => document.title),
    /** For how long it has rung. */
    time: page.getByText(/^Ringing/),
    answer: page.getByRole('button', { name: /^Answer/ }),
    decline: page.getByRole('button', { name: /^Decline(?! with)/ }),
  }
}
