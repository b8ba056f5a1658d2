import { beforeEach, expect, test } from 'vitest'
import {
  type ContactPresenceDriver,
  createContactPresenceDriver,
} from '../../../entrypoints/background/people/contact-presence-driver.ts'
import type { DeviceMessage } from '../../../protocol/connection.ts'
import type { ContactPresence } from '../../../protocol/people.ts'

let now = 0
let timer: { at: number; act: () => void } | null = null
let said: (readonly [number, DeviceMessage])[] = []
let changed: (readonly string[])[] = []
let driver: ContactPresenceDriver

beforeEach(() => {
  now = 0
  timer = null
  said = []
  changed = []
  driver = createContactPresenceDriver({
    clocks: () => ({ mono: now, wall: now }),
    after: (milliseconds, act) => {
      const mine = { at: now + milliseconds, act }
      timer = mine
      return () => {
        if (timer === mine) timer = null
      }
    },
    send: (connection, message) => said.push([connection, message]),
    changed: (contacts) => changed.push([...contacts].toSorted()),
  })
})

/** Lets time come to the next look. */
function fire(): void {
  const due = timer
  if (!due) throw new Error('no look is to come')
  timer = null
  now = due.at
  due.act()
}

const of = (contact: string, validFor: number): ContactPresence => ({
  contact,
  sees: 'available',
  until: null,
  validFor,
})
const first = (...those: ContactPresence[]) =>
  driver.heard(1, { type: 'presence', n: 2, version: 1, whole: true, more: false, of: those })

test('PW1.3 pages are told of each contact that is to be shown otherwise, by a frame, by time, or by the device’s own lease', () => {
  driver.want('all')
  expect(said).toEqual([])
  driver.ownLease(1)
  expect(said).toEqual([[1, { type: 'watch', n: 2, whom: 'all' }]])
  first(of('ben', 4_000), of('carl', 15_000))
  expect(changed).toEqual([['ben', 'carl']])
  changed = []
  fire()
  expect([now, changed]).toEqual([4_000, [['ben']]])
  expect([driver.of('ben').kind, driver.of('carl').kind]).toEqual(['checking', 'available'])
  changed = []
  driver.ownLease(null)
  expect(changed).toEqual([['ben', 'carl']])
  expect(driver.of('carl').kind).toBe('unknown')
  expect(timer).toBeNull()
})

test('PW1.3 what ends in one moment is looked at once', () => {
  driver.want('all')
  driver.ownLease(1)
  first(of('ben', 4_000), of('carl', 4_020), of('dora', 4_050))
  changed = []
  fire()
  fire()
  expect([now, changed]).toEqual([4_100, [['ben'], ['carl', 'dora']]])
})
