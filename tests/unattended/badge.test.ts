import { expect, test } from 'vitest'
import type { Browser } from '../../scripts/browsers/find-browser.ts'
import { unattendedPerson } from '../support/unattended/unattended-person.ts'
import { watchBadge } from '../support/unattended/watch-badge.ts'

const minutes = 60_000
const browsers: readonly Browser[] = ['chromium', 'firefox']

async function watchAlone(browser: Browser) {
  const unattended = await unattendedPerson(browser)
  const { opened } = unattended.network.connections()
  const seen = await watchBadge(unattended, { lasting: 3 * minutes, callEvery: 1.4 * minutes })
  const { broken, placed, acknowledged, boots } = seen
  const connections = unattended.network.connections()
  return {
    browser,
    broken,
    placed,
    acknowledged,
    boots: boots.size,
    more: connections.opened - opened,
    open: connections.open,
  }
}

test('E11.1 with no page open and no debugger attached, background and connection are the same after three minutes, and the badge is green and true all the while', {
  timeout: 5 * minutes,
}, async () => {
  const seen = await Promise.all(browsers.map(watchAlone))

  const well = { broken: [], placed: 2, acknowledged: 2, boots: 1, more: 0, open: 1 }
  expect(seen).toEqual(browsers.map((browser) => ({ browser, ...well })))
})
