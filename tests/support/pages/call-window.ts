import type { Page } from '../page.ts'

export function callWindowOn<P extends Page>(page: P) {
  return {
    page,
    caller: page.getByRole('heading', { level: 1 }),
    status: page.getByRole('status'),
    answer: page.getByRole('button', { name: /^Answer/ }),
    decline: page.getByRole('button', { name: /^Decline/ }),
  }
}
