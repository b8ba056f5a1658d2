import type { Page } from 'playwright'

export function callWindowOn(page: Page) {
  return {
    page,
    caller: page.getByRole('heading', { level: 1 }),
    words: page.getByRole('status'),
    answer: page.getByRole('button', { name: /^Answer/ }),
    decline: page.getByRole('button', { name: /^Decline/ }),
  }
}
