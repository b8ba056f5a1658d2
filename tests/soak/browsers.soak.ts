import { test } from 'vitest'
import type { Browser } from '../../scripts/browsers/find-browser.ts'
import { addPerson } from '../support/server/add-person.ts'
import { openClinic } from '../support/server/clinic.ts'
import { startBehindProxy } from '../support/server/start-behind-proxy.ts'
import { unattendedLight } from '../support/unattended-light.ts'
import { makeFaults } from './make-faults.ts'
import { soakOptions } from './soak-options.ts'
import { watchLight } from './watch-light.ts'
import { wayOf } from './way.ts'

const { minutes, faults, seed } = soakOptions()
const lasting = minutes * 60_000

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`

/** One browser's row. */
async function soak(browser: Browser) {
  const parts = await startBehindProxy()
  const person = await addPerson(parts.server)
  const clinic = await openClinic(parts.server)
  const light = await unattendedLight(browser, parts, person)
  const way = wayOf(parts)
  const before = parts.network.connections().opened
  const [seen, made] = await Promise.all([
    watchLight({ light, way, clinic, callee: person.username }, { lasting, callEvery: 60_000 }),
    faults ? makeFaults(way, seed, lasting) : 0,
  ])
  const row = {
    browser,
    looks: seen.looks,
    faults: made,
    'longest false green': seconds(seen.falseGreen),
    'longest dark though calls got through': seconds(seen.dark),
    'longest way back to green': seconds(seen.back),
    'starts of the background': seen.boots.size,
    connections: parts.network.connections().opened - before + 1,
    'calls acknowledged': `${seen.acknowledged} of ${seen.placed}`,
    'bounds broken': seen.broken.length,
  }
  return { row, broken: seen.broken.map((what) => `${browser}: ${what}`) }
}

test('both browsers, unattended', { timeout: lasting + 300_000 }, async (context) => {
  const both = await Promise.all((['chromium', 'firefox'] as const).map(soak))
  context.task.meta.rows = both.map(({ row }) => row)
  const broken = both.flatMap((one) => one.broken)
  if (broken.length > 0) throw new Error(broken.join('\n'))
})
