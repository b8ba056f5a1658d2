import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterTry, delayAfter, isDue } from '../../../server/mail/retry-schedule.ts'

const hour = 3_600_000

test('M2.1 a mail is tried again after a second, then after twice as long each time, an hour at most', () => {
  expect([1, 2, 3, 4].map(delayAfter)).toEqual([1_000, 2_000, 4_000, 8_000])
  expect([12, 13, 100, 100_000].map(delayAfter)).toEqual([2_048_000, hour, hour, hour])
})

test('M2.1 a mail is tried until it is sent, refused for good, or of no more use; never after that', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('transient', 'permanent', 'sent', 'pointless'), { maxLength: 60 }),
      fc.integer({ min: 1, max: 7 * 24 * hour }),
      (outcomes, usefulFor) => {
        let now = 1_000_000
        const uselessAt = now + usefulFor
        for (const [index, kind] of outcomes.entries()) {
          const outcome = kind === 'sent' || kind === 'pointless' ? { kind } : { kind, why: 'no' }
          const after = afterTry({ tries: index + 1, nextAt: now, uselessAt }, outcome, now)
          if (kind !== 'transient') {
            expect(after.kind).toBe(kind === 'sent' ? 'sent' : 'given-up')
            return
          }
          if (after.kind !== 'again') {
            expect(now + delayAfter(index + 1)).toBeGreaterThanOrEqual(uselessAt)
            return
          }
          expect(after.nextAt).toBeGreaterThan(now)
          expect(after.nextAt - now).toBeLessThanOrEqual(hour)
          expect(after.nextAt).toBeLessThan(uselessAt)
          now = after.nextAt
        }
      },
    ),
  )
})

test('M2.1 over a day that a mail server is away, a mail is tried some thirty times, and then given up', () => {
  let [now, tries] = [0, 0]
  for (;;) {
    tries += 1
    const after = afterTry(
      { tries, nextAt: now, uselessAt: 24 * hour },
      { kind: 'transient', why: 'away' },
      now,
    )
    if (after.kind !== 'again') {
      expect(after).toEqual({ kind: 'given-up', why: `tried ${tries} times: away` })
      break
    }
    now = after.nextAt
  }
  expect(tries).toBeGreaterThan(20)
  expect(tries).toBeLessThan(50)
  expect(now).toBeGreaterThan(22 * hour)
})

test('M2.4 a mail waits for its time, but not for a clock that was set back', () => {
  const mail = { tries: 1, uselessAt: 100 * hour }
  expect(isDue({ ...mail, nextAt: null }, 10 * hour)).toBe(false)
  expect(isDue({ ...mail, nextAt: 10 * hour + 1 }, 10 * hour)).toBe(false)
  expect(isDue({ ...mail, nextAt: 10 * hour }, 10 * hour)).toBe(true)
  expect(isDue({ ...mail, nextAt: 11 * hour + 1 }, 10 * hour)).toBe(true)
})
