import fc from 'fast-check'
import { beforeEach, expect, test, vi } from 'vitest'
import { agoWording, stretchWording, waitWording } from '../../../components/time-wording.ts'
import { momentWording } from '../../../messages/moment-wording.ts'

const at = (day: number, hour: number, minute: number, month = 10, year = 2026) =>
  new Date(year, month, day, hour, minute).getTime()

const now = at(22, 18, 30)

const speak = (...languages: string[]) => vi.stubGlobal('navigator', { language: languages[0], languages })

beforeEach(() => void speak('en-GB'))

test.each([
  [['en-GB'], '10:42', '3 Nov 08:15', '3 Nov 2025 20:15'],
  [['en-US', 'en'], '10:42 AM', 'Nov 3 8:15 AM', 'Nov 3, 2025 8:15 PM'],
  [['de-DE', 'de'], '10:42', '3 Nov 08:15', '3 Nov 2025 20:15'],
  [['de-DE', 'en-US'], '10:42', 'Nov 3 08:15', 'Nov 3, 2025 20:15'],
] as const)('U4.1 the clock has the hours of the browser’s language: %s', (languages, ...wordings) => {
  speak(...languages)
  const told = [at(22, 10, 42), at(3, 8, 15), at(3, 20, 15, 10, 2025)].map((one) => momentWording(one, now))
  // A narrow space may part the hour from its half of the day.
  expect(told.map((one) => one.replaceAll(/\s/g, ' '))).toEqual(wordings)
})

test.each([
  [at(22, 10, 42), '10:42'],
  [at(22, 0, 0), '00:00'],
  [at(21, 17, 3), 'Yesterday 17:03'],
  [at(21, 0, 0), 'Yesterday 00:00'],
  [at(20, 23, 59), '20 Nov 23:59'],
  [at(22, 10, 42, 10, 2025), '22 Nov 2025 10:42'],
] as const)('U4.1 a moment is told as people say it (%i is %s)', (moment, wording) => {
  expect(momentWording(moment, now)).toBe(wording)
})

test('U4.1 on the first of January, yesterday was last year', () => {
  expect(momentWording(at(31, 23, 5, 11, 2025), at(1, 0, 10, 0, 2026))).toBe('Yesterday 23:05')
})

test('U4.1 yesterday is yesterday whatever the clocks did in the night', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3_650 }), fc.nat(1_439), (days, minutes) => {
      const today = new Date(2020, 0, 1 + days, 12, 0)
      const before = new Date(2020, 0, days, 0, minutes)
      return momentWording(before.getTime(), today.getTime()).startsWith('Yesterday ')
    }),
  )
})

test.each([
  [at(22, 10, 2), at(22, 10, 14), '10:02–10:14'],
  [at(21, 10, 2), at(21, 10, 14), 'yesterday 10:02–10:14'],
  [at(21, 23, 50), at(22, 8, 15), 'yesterday 23:50 to today 08:15'],
  [at(3, 9, 0), at(21, 8, 15), '3 Nov 09:00 to yesterday 08:15'],
] as const)(
  'U4.1 a stretch names its days where they are not today (%i–%i is %s)',
  (from, until, wording) => {
    expect(stretchWording(from, until, now)).toBe(wording)
  },
)

test.each([
  [0, 'just now'],
  [999, 'just now'],
  [3_400, '3 s ago'],
  [59_999, '59 s ago'],
  [125_000, '2 min ago'],
] as const)('U4.1 an age of %i ms is told as %s', (age, wording) => {
  expect(agoWording(age)).toBe(wording)
})

test('U2.3 nobody is told to come back too early', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 7_200, noNaN: true }), (seconds) => {
      const [count, unit] = waitWording(seconds).split(' ')
      return Number(count) * (unit === 'min' ? 60 : 1) >= seconds
    }),
  )
})
