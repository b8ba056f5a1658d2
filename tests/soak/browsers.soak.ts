import fc from 'fast-check'
import { test } from 'vitest'
import type { Browser } from '../../scripts/browsers/find-browser.ts'
import { type CallPath, faultNames } from '../support/unattended/call-path.ts'
import { unattendedPerson } from '../support/unattended/unattended-person.ts'
import { backWithin, watchBadge } from '../support/unattended/watch-badge.ts'
import { soakOptions } from './options.ts'

const { minutes, faults, seed } = soakOptions()
const lasting = minutes * 60_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`

/** Milliseconds: how long all is well before a fault, and how long it lasts. */
const fault = fc.record({
  after: fc.integer({ min: 15_000, max: 60_000 }),
  lasts: fc.integer({ min: 1_000, max: 40_000 }),
  by: fc.constantFrom(...faultNames),
})

/** Breaks and mends a path at random until there is just time left to come back. @returns how often. */
async function injectFaults(path: CallPath): Promise<number> {
  const ends = performance.now() + lasting - backWithin
  const enough = Math.ceil(lasting / 16_000)
  let injected = 0
  for (const { after, lasts, by } of fc.sample(fc.noBias(fault), { seed, numRuns: enough })) {
    // A shorter one may still fit.
    if (performance.now() + after + lasts > ends) continue
    await pause(after)
    await path.inject(by)
    await pause(lasts)
    await path.mend()
    injected += 1
  }
  return injected
}

/** One browser's row. */
async function soak(browser: Browser) {
  const unattended = await unattendedPerson(browser)
  const { path, network } = unattended
  const before = network.connections().opened
  const [seen, injected] = await Promise.all([
    watchBadge(unattended, { lasting, callEvery: 60_000 }),
    faults ? injectFaults(path) : 0,
  ])
  const row = {
    browser,
    looks: seen.looks,
    faults: injected,
    'longest false green': seconds(seen.falseGreen),
    'longest not green though calls got through': seconds(seen.notGreen),
    'longest from mended to green': seconds(seen.back),
    'starts of the background': seen.boots.size,
    connections: network.connections().opened - before + 1,
    'calls acknowledged': `${seen.acknowledged} of ${seen.placed}`,
    'bounds broken': seen.broken.length,
  }
  return { row, broken: seen.broken.map((what) => `${browser}: ${what}`) }
}

test('both browsers, unattended', { timeout: lasting + 300_000 }, async (context) => {
  const both = await Promise.all((['chromium', 'firefox'] as const).map(soak))
  context.task.meta.rows = both.map(({ row }) => row)
  context.task.meta.found = both.map(
    ({ row }) =>
      `${row.browser}: ${row.faults} faults, at most ${row['longest false green']} of false green, ` +
      `back after at most ${row['longest from mended to green']}, ${row['calls acknowledged']} calls acknowledged`,
  )
  const broken = both.flatMap((one) => one.broken)
  if (broken.length > 0) throw new Error(broken.join('\n'))
})
