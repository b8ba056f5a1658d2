import { expect, test } from 'vitest'
import type { Browser } from '../../scripts/browsers/find-browser.ts'
import { watchLight } from '../soak/watch-light.ts'
import { wayOf } from '../soak/way.ts'
import { addPerson } from '../support/server/add-person.ts'
import { openClinic } from '../support/server/clinic.ts'
import { startBehindProxy } from '../support/server/start-behind-proxy.ts'
import { unattendedLight } from '../support/unattended-light.ts'

const minutes = 60_000
const browsers: readonly Browser[] = ['chromium', 'firefox']

async function leaveAlone(browser: Browser) {
  const parts = await startBehindProxy()
  const person = await addPerson(parts.server)
  const clinic = await openClinic(parts.server)
  const light = await unattendedLight(browser, parts, person)
  const { opened } = parts.network.connections()
  const seen = await watchLight(
    { light, way: wayOf(parts), clinic, callee: person.username },
    { lasting: 3 * minutes, callEvery: 1.4 * minutes },
  )
  const { broken, placed, acknowledged, boots } = seen
  const connections = parts.network.connections()
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
  const left = await Promise.all(browsers.map(leaveAlone))

  const well = { broken: [], placed: 2, acknowledged: 2, boots: 1, more: 0, open: 1 }
  expect(left).toEqual(browsers.map((browser) => ({ browser, ...well })))
})
