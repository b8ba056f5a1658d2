import type { Page } from '../page.ts'

/** The page of a place, for a visitor whose browser speaks English. */
export function placeOn<P extends Page>(page: P) {
  const call = page.getByRole('region', { name: 'Call' })
  const message = page.getByRole('region', { name: 'Leave a message' })
  return {
    page,
    /** What is said of the place now. */
    sentence: page.locator('.light .sentence'),
    confirmed: page.locator('.light .confirmed'),
    /** When it opens next, while it is closed. */
    opening: page.locator('.light .opening'),
    name: call.getByLabel('Your name'),
    call: call.getByRole('button'),
    /** How the visit stands. */
    standing: page.locator('#standing'),
    hangUp: page.getByRole('button', { name: 'Hang up' }),
    leaveInstead: page.getByRole('button', { name: 'Leave a message instead' }),
    message: {
      title: message.getByRole('heading', { name: 'Leave a message' }),
      name: message.getByLabel('Your name'),
      wayBack: message.getByLabel('How can you be answered?'),
      text: message.getByLabel('Your message'),
      leave: message.getByRole('button', { name: 'Leave the message' }),
    },
    /** Whether somebody who looks sees green. */
    isGreen: (): Promise<boolean> =>
      page.evaluate(() => {
        const light = document.querySelector<HTMLElement>('.light')
        const now = light?.querySelector('.now')
        if (!light || !now || light.dataset.state !== 'reachable') return false
        return getComputedStyle(now).visibility === 'visible' && document.visibilityState === 'visible'
      }),
  }
}
