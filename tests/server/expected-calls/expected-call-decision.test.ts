import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expectedFor, readyBefore } from '../../../protocol/people.ts'
import type { ExpectedCallRow } from '../../../server/database/expected-call-tables.ts'
import { decide, type Reach, settledAfter } from '../../../server/expected-calls/expected-call-decision.ts'

const at = 10_000_000
const row: ExpectedCallRow = {
  ...{
    id: 'x',
    userId: 'ann',
    callerId: null,
    apiKeyId: 'key',
    idempotencyKey: null,
    to: 'ann',
    from: 'Bell',
  },
  ...{ at, state: 'expected', shown: 1, atRisk: 0, madeAt: 0, endedAt: null, mailedAt: null },
}
const there: Reach = { unreachableFor: 0, unseenFor: 0, busyUntil: null }
const gone = (ms: number): Reach => ({ unreachableFor: ms, unseenFor: ms, busyUntil: null })

test('PN3.1 PN3.3 nobody is told before ten minutes ahead, nor of who was away for less than 35 s, nor twice', () => {
  const due = at - readyBefore
  expect(decide(row, gone(60_000), false, false, due - 1)).toEqual({})
  expect(decide(row, gone(settledAfter - 1), false, false, due)).toEqual({})
  expect(decide(row, gone(settledAfter), false, false, due)).toEqual({ risk: true, mail: true })
  expect(decide({ ...row, atRisk: 1, mailedAt: 1 }, gone(settledAfter), false, false, due)).toEqual({})
  expect(decide({ ...row, atRisk: 1, mailedAt: 1 }, there, false, false, due)).toEqual({ risk: false })
  expect(decide(row, there, false, false, due)).toEqual({})
  expect(decide({ ...row, apiKeyId: null, callerId: 'ben' }, gone(settledAfter), false, false, due)).toEqual({
    mail: true,
  })
  // Who had a mail a moment ago waits for the next.
  expect(decide(row, gone(settledAfter), false, true, due)).toEqual({ risk: true })
  expect(decide({ ...row, shown: 0 }, gone(settledAfter), false, false, due)).toEqual({ risk: true })
})

test('PN3.1 who is busy beyond the time cannot be rung then; who is busy until it can', () => {
  const busyUntil = (until: number): Reach => ({ ...there, busyUntil: until })
  const due = at - 60_000
  expect(decide(row, busyUntil(at + 1), false, false, due)).toEqual({ risk: true })
  expect(decide(row, busyUntil(at), false, false, due)).toEqual({})
  expect(decide({ ...row, atRisk: 1 }, busyUntil(at), false, false, due)).toEqual({ risk: false })
  expect(decide({ ...row, atRisk: 1 }, busyUntil(at + 9), false, false, at + 10)).toEqual({ risk: false })
})

test('PN4.1 what came has come, before or after the time; else it passes 15 minutes after', () => {
  expect(decide(row, gone(60_000), true, false, at + expectedFor)).toEqual({ end: 'came' })
  expect(decide(row, gone(60_000), false, false, at + expectedFor)).toEqual({ end: 'passed' })
  expect(decide(row, there, false, false, at + expectedFor - 1)).toEqual({})
})

/** For how long, in ms, nobody was there, looks 2 s apart; null is that it is not known. */
const looks = fc.array(
  fc.record({ there: fc.constantFrom('there', 'gone', 'unknown'), invisible: fc.boolean() }),
  { minLength: 1, maxLength: 120 },
)

test('PN3.1 PN3.2 PN3.3 in any course of things each telling is another than the last, and proven; of the invisible as of the offline', () => {
  const run = (course: readonly { there: string; invisible: boolean }[], hides: boolean) => {
    let now = at - readyBefore
    const since = { unreachable: null as number | null, unseen: null as number | null }
    let kept = row
    const told: string[] = []
    for (const { there: how, invisible } of course) {
      now += 2_000
      const isThere = how === 'there'
      const isSeen = isThere && !(hides && invisible)
      const next = (before: number | null, is: boolean) => (is || how === 'unknown' ? null : (before ?? now))
      since.unreachable = next(since.unreachable, isThere)
      since.unseen = next(since.unseen, isSeen)
      const forHowLong = (from: number | null, is: boolean) => (is ? 0 : from === null ? null : now - from)
      const reach: Reach = {
        unreachableFor: forHowLong(since.unreachable, isThere),
        unseenFor: forHowLong(since.unseen, isSeen),
        busyUntil: null,
      }
      const { risk, mail } = decide(kept, reach, false, false, now)
      if (risk === true) expect(reach.unseenFor).toBeGreaterThanOrEqual(settledAfter)
      if (risk === false) expect(reach.unseenFor).toBe(0)
      if (mail) expect(reach.unreachableFor).toBeGreaterThanOrEqual(settledAfter)
      if (risk !== undefined) told.push(`${now} ${risk}`)
      if (mail) told.push(`${now} mail`)
      kept = {
        ...kept,
        ...(risk !== undefined && { atRisk: Number(risk) }),
        ...(mail && { mailedAt: now }),
      }
    }
    const risks = told.filter((one) => !one.endsWith('mail')).map((one) => one.split(' ')[1])
    expect(risks).toEqual(risks.map((_, n) => String(n % 2 === 0)))
    expect(told.filter((one) => one.endsWith('mail')).length).toBeLessThanOrEqual(1)
    return told.filter((one) => !one.endsWith('mail'))
  }
  fc.assert(
    fc.property(looks, (course) => {
      // Who is invisible, with a device, is told exactly as who has none at those moments.
      const asOffline = course.map(({ there: how, invisible }) => ({
        there: how === 'there' && invisible ? 'gone' : how,
        invisible: false,
      }))
      expect(run(course, true)).toEqual(run(asOffline, false))
    }),
    { numRuns: 1_000 },
  )
})
