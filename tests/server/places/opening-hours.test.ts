import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  hoursText,
  isOpenAt,
  isTimeZone,
  opensAt,
  parseHours,
  readHours,
  staysFor,
} from '../../../server/places/opening-hours.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const at = (iso: string) => Date.parse(iso)

test('PV1.4 hours are read as they are typed, and written so that they are read alike', () => {
  const typed = 'mon-fri 08:00-12:00 13:00-17:00, sat 09:00-12:00'
  const hours = readHours(typed) ?? []
  expect(hours).toHaveLength(11)
  expect(hours[0]).toEqual({ day: 0, from: 480, to: 720 })
  expect(readHours(hoursText(hours))).toEqual(hours.toSorted((a, b) => a.day - b.day || a.from - b.from))
  expect(readHours('fri-mon 22:00-06:00')?.map((one) => one.day)).toEqual([4, 5, 6, 0])
  expect(readHours('daily 00:00-24:00')).toHaveLength(7)
  expect(parseHours(JSON.stringify(hours))).toEqual(hours)
  for (const wrong of [
    ...['', 'mon', '08:00-12:00', 'mon 8-12', 'mon 08:00', 'foo 08:00-12:00', 'mon-fri-sun 08:00-12:00'],
    ...['mon 25:00-26:00', 'mon 08:60-09:00', 'mon 08:00-24:01', 'mon 08:00-12:00,'],
  ])
    expect(readHours(wrong), wrong).toBeUndefined()
})

test('PV1.4 a place is open by the clock of its zone, past midnight too, and says when its hours begin', () => {
  const hours = readHours('mon-fri 08:00-17:00')
  if (!hours) throw new Error('these are hours')
  // A Thursday in winter: Berlin is an hour ahead of UTC.
  const open = (iso: string, zone = 'Europe/Berlin') => isOpenAt(hours, zone, at(iso))
  expect(open('2026-11-26T06:59:59Z')).toBe(false)
  expect(open('2026-11-26T07:00:00Z')).toBe(true)
  expect(open('2026-11-26T15:59:59Z')).toBe(true)
  expect(open('2026-11-26T16:00:00Z')).toBe(false)
  expect(open('2026-11-26T16:00:00Z', 'UTC')).toBe(true)
  expect(open('2026-11-28T10:00:00Z')).toBe(false)
  expect(opensAt(hours, 'Europe/Berlin', at('2026-11-27T17:00:00Z'))).toBe(at('2026-11-30T07:00:00Z'))
  expect(opensAt(hours, 'Europe/Berlin', at('2026-11-26T10:00:00Z'))).toBeNull()
  expect(opensAt(null, 'UTC', 0)).toBeNull()
  expect(opensAt([], 'UTC', 0)).toBeNull()
  const night = readHours('sun 22:00-06:00') ?? []
  expect(isOpenAt(night, 'UTC', at('2026-11-29T23:00:00Z'))).toBe(true)
  expect(isOpenAt(night, 'UTC', at('2026-11-30T05:59:00Z'))).toBe(true)
  expect(isOpenAt(night, 'UTC', at('2026-11-30T06:00:00Z'))).toBe(false)
  expect(isOpenAt(null, 'UTC', 0)).toBe(true)
  expect(isOpenAt([], 'UTC', 0)).toBe(false)
})

test('PV1.4 where clocks are set forward or back it opens by the clock on the wall', () => {
  const hours = readHours('daily 08:00-17:00')
  if (!hours) throw new Error('these are hours')
  // Berlin: forward on 2027-03-28, back on 2027-10-31.
  expect(opensAt(hours, 'Europe/Berlin', at('2027-03-27T20:00:00Z'))).toBe(at('2027-03-28T06:00:00Z'))
  expect(opensAt(hours, 'Europe/Berlin', at('2027-10-30T20:00:00Z'))).toBe(at('2027-10-31T07:00:00Z'))
})

test('PV1.4 PV1.2 how long it stays as it is never reaches beyond a change', () => {
  const hours = readHours('mon-fri 08:00-12:00 13:00-17:00, sat 22:00-03:00')
  if (!hours) throw new Error('these are hours')
  const from = at('2027-03-20T00:00:00Z')
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20 * day }),
      fc.constantFrom('Europe/Berlin', 'UTC', 'America/New_York', 'Asia/Kathmandu'),
      (after, zone) => {
        const now = from + after
        const isOpen = isOpenAt(hours, zone, now)
        const stays = staysFor(hours, zone, { at: now, most: hour })
        expect(stays).toBeGreaterThan(0)
        for (let later = now; later < now + stays; later += minute / 2)
          expect(isOpenAt(hours, zone, later)).toBe(isOpen)
        const opens = opensAt(hours, zone, now)
        expect(opens === null).toBe(isOpen)
        if (opens === null) return
        expect(opens).toBeGreaterThan(now)
        expect(isOpenAt(hours, zone, opens)).toBe(true)
        expect(isOpenAt(hours, zone, opens - minute)).toBe(false)
      },
    ),
    { numRuns: 300 },
  )
})

test('PV6.1 zones are those that IANA names', () => {
  expect(['Europe/Berlin', 'UTC'].map(isTimeZone)).toEqual([true, true])
  expect(['', 'Mars/Base', 'Europe'].map(isTimeZone)).toEqual([false, false, false])
})
