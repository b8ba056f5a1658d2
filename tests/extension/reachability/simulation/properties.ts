import fc from 'fast-check'
import { defaultTiming, silenceBound } from '../../../../protocol/timing.ts'
import { type RunOutcome, runSchedule } from './run-schedule.ts'
import {
  callSchedules,
  type Schedule,
  type ScheduledEvent,
  type ScheduleStep,
  schedules,
  watchedSchedules,
} from './schedule.ts'

/** A property of every schedule of a kind: which they are, and what is wrong with how one went. */
export interface Property {
  readonly schedules: fc.Arbitrary<Schedule>
  /** @returns what is wrong, in words, or null. */
  readonly violation: (outcome: RunOutcome, schedule: Schedule) => string | null
}

/** With answers slower than a heartbeat may wait there is rightly no green. */
export const longestGreenDelay = 1_500

const mended = (schedule: Schedule): Schedule => ({
  ...schedule,
  longestDelayMended: Math.min(schedule.longestDelay, longestGreenDelay),
})
const mendable = schedules.map(mended)

const deaths: readonly ScheduledEvent[] = [
  { kind: 'cut', toServer: true, toDevice: true, lasts: 90_000 },
  { kind: 'cut', toServer: false, toDevice: true, lasts: 90_000 },
  { kind: 'cut', toServer: true, toDevice: false, lasts: 90_000 },
  { kind: 'hang', lasts: 90_000 },
  { kind: 'drop-connections' },
]

const calm = { devices: 1, latestTimer: 40, deviceRate: 1, serverRate: 1 }

const silentDeath: fc.Arbitrary<Schedule> = fc
  .record({ event: fc.constantFrom(...deaths), after: fc.integer({ min: 0, max: 12_000 }), seed: fc.nat() })
  .map(({ event, after, seed }) => ({
    ...calm,
    steps: [{ after, device: 0, event }],
    seed,
    longestDelay: 50,
  }))

/** The network goes, comes back long enough for an answer to come through, however soon before the next look, and goes again. */
const backForAMoment: fc.Arbitrary<Schedule> = fc
  .record({
    gone: fc.integer({ min: 100, max: 8_000 }),
    back: fc.integer({ min: 50, max: 1_500 }),
    seed: fc.nat(),
  })
  .map(({ gone, back, seed }) => ({
    ...calm,
    steps: [
      { after: 0, device: 0, event: { kind: 'unplug', lasts: gone } },
      { after: gone + back, device: 0, event: { kind: 'unplug', lasts: 60_000 } },
    ],
    seed,
    longestDelay: 20,
  }))

/** A service of one machine that has its devices connect anew, with calls meanwhile. */
const moved: fc.Arbitrary<Schedule> = fc
  .record({
    moves: fc
      .array(
        fc.record({
          after: fc.integer({ min: 50, max: 15_000 }),
          event: fc.constantFrom<ScheduledEvent>(
            { kind: 'move' },
            { kind: 'move' },
            { kind: 'call', waitFor: 0 },
            { kind: 'press', button: 'answer' },
          ),
        }),
        { minLength: 1, maxLength: 12 },
      )
      // As many as a server of ours lets ring at once (P3.1).
      .filter((moves) => moves.filter(({ event }) => event.kind === 'call').length <= 5),
    longestDelay: fc.integer({ min: 1, max: 900 }),
    seed: fc.nat(),
  })
  .map(({ moves, longestDelay, seed }) => ({
    ...calm,
    steps: moves.map((step) => ({ ...step, device: 0 })),
    seed,
    longestDelay,
  }))

/** Enough for a device to be told, to wait its turn, and to move, in milliseconds. */
const shortestDrain = 30_000

/** A rolling restart: of two nodes one goes away after the other, once that is back, with calls meanwhile. */
const drained: fc.Arbitrary<Schedule> = fc
  .record({
    drains: fc.array(
      fc.record({
        pause: fc.integer({ min: 0, max: 20_000 }),
        lasts: fc.integer({ min: shortestDrain, max: 60_000 }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    // As many as a server of ours lets ring at once (P3.1).
    calls: fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 200_000 }), answered: fc.integer({ min: 0, max: 5_000 }) }),
      { maxLength: 5 },
    ),
    first: fc.nat(1),
    longestDelay: fc.integer({ min: 1, max: 900 }),
    seed: fc.nat(),
  })
  .map(({ drains, calls, first, longestDelay, seed }) => {
    let at = 0
    const steps: (Omit<ScheduleStep, 'after'> & { at: number })[] = []
    for (const [index, { pause, lasts }] of drains.entries()) {
      steps.push({ at: at + pause, device: first + index, event: { kind: 'drain', lasts } })
      at += pause + lasts
    }
    for (const call of calls)
      steps.push(
        { at: call.at, device: 0, event: { kind: 'call', waitFor: 0 } },
        { at: call.at + call.answered, device: 0, event: { kind: 'press', button: 'answer' } },
      )
    return { ...calm, nodes: 2, steps: inTurn(steps), seed, longestDelay }
  })

/** Steps at their moments, each after the one before. */
function inTurn(steps: readonly (Omit<ScheduleStep, 'after'> & { at: number })[]): ScheduleStep[] {
  let before = 0
  return steps
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, ...step }) => {
      const after = at - before
      before = at
      return { ...step, after }
    })
}

/** What may end a contact's lease, and by when whoever watches has to know, in milliseconds. */
const ends: readonly (readonly [ScheduledEvent, number])[] = [
  // In order.
  [{ kind: 'log-out', lasts: 60_000 }, 1_000],
  [{ kind: 'kill' }, 1_000],
  [{ kind: 'hide', lasts: 60_000 }, 1_000],
  // In silence.
  [{ kind: 'cut', toServer: true, toDevice: true, lasts: 60_000 }, 16_000],
  [{ kind: 'sleep', lasts: 60_000, countedByMono: true }, 16_000],
]

/** How the watcher's own connection dies just before, and by when that ends every colour, in milliseconds. */
const ownEnds: readonly (readonly [ScheduledEvent | null, number])[] = [
  [null, 0],
  [{ kind: 'cut', toServer: true, toDevice: true, lasts: 60_000 }, 14_000],
  [{ kind: 'cut', toServer: false, toDevice: true, lasts: 60_000 }, 14_000],
  [{ kind: 'swallow' }, 14_000],
]

const endOfContact: fc.Arbitrary<Schedule> = fc
  .record({
    own: fc.nat(ownEnds.length - 1),
    end: fc.nat(ends.length - 1),
    at: fc.integer({ min: 0, max: 12_000 }),
    after: fc.integer({ min: 0, max: 10_000 }),
    nodes: fc.integer({ min: 1, max: 2 }),
    seed: fc.nat(),
  })
  .map(({ own, end, at, after, nodes, seed }) => {
    const [ownEnd] = ownEnds[own] ?? []
    const [event] = ends[end] as (typeof ends)[number]
    const first: readonly ScheduleStep[] = ownEnd ? [{ after: at, device: 1, event: ownEnd }] : []
    // Once what is not known after a start is known.
    const wait: ScheduleStep = { after: 31_000, device: 0, event: { kind: 'try-now' } }
    return {
      ...calm,
      isWatched: true,
      nodes,
      steps: [wait, ...first, { after: first.length > 0 ? after : at, device: 0, event }],
      seed,
      longestDelay: 50,
    }
  })

/** By the event that ended the contact's lease, and that of the watcher before it. */
function boundOf({ steps }: Schedule): number {
  const bound = (those: readonly (readonly [ScheduledEvent | null, number])[], event?: ScheduledEvent) =>
    those.find(([one]) => JSON.stringify(one) === JSON.stringify(event ?? null))?.[1] ?? 0
  const own = bound(ownEnds, steps.length > 2 ? steps[1]?.event : undefined)
  return Math.max(own, bound(ends, steps.at(-1)?.event))
}

const unfounded = ({ falseGreen, takenOverByNobody, signedOutByNobody }: RunOutcome) => {
  if (falseGreen)
    return `green from ${falseGreen.since} to ${falseGreen.at} ms at device ${falseGreen.device}, past every bound`
  if (signedOutByNobody) return 'signed out, and no session was ended'
  return takenOverByNobody ? '"taken over" was said, and there is no other copy' : null
}

/** A device that moves is green throughout, and its calls go on. */
const notGreen = (outcome: RunOutcome) =>
  outcome.longestDark > 0
    ? `not green for ${outcome.longestDark} ms`
    : (unfounded(outcome) ?? outcome.callViolation)

export const properties = {
  /** T1.1, T9.3 */
  'no-false-green': { schedules, violation: unfounded },
  /** T9.4 */
  'green-again': {
    schedules: mendable,
    violation: (outcome) => unfounded(outcome) ?? (outcome.greenAtEnd ? null : 'not green again in time'),
  },
  /** P1.9, P5.9, P7.2, P7.9 */
  calls: {
    schedules: callSchedules,
    violation: (outcome) => unfounded(outcome) ?? outcome.callViolation,
  },
  /** T1.2 */
  'silent-death': {
    schedules: silentDeath,
    violation: ({ longestFalseGreen }, { steps }) => {
      if (longestFalseGreen > silenceBound(defaultTiming) + 200) return `green for ${longestFalseGreen} ms`
      // The bound is met, not merely kept: a badge that lost its green at every doubt would keep it too.
      const hung = steps[0]?.event.kind === 'hang'
      return hung && longestFalseGreen <= defaultTiming.answerWithin - 500 ? 'green ended too soon' : null
    },
  },
  /** L3.10, L3.11 */
  moved: { schedules: moved, violation: notGreen },
  drained: { schedules: drained, violation: notGreen },
  /** PW1.2 */
  watched: {
    schedules: watchedSchedules,
    violation: (outcome) => unfounded(outcome) ?? outcome.presenceViolation,
  },
  /** PW1.5 */
  'seen-again': {
    schedules: watchedSchedules.map(mended),
    violation: (outcome) =>
      unfounded(outcome) ??
      outcome.presenceViolation ??
      (outcome.isSeenAtEnd ? null : 'what the watcher sees in the end is not so'),
  },
  /** PW1.2 */
  'end-of-contact': {
    schedules: endOfContact,
    violation: (outcome, schedule) =>
      outcome.longestFalselySeen > boundOf(schedule) + 200
        ? `seen for ${outcome.longestFalselySeen} ms`
        : (outcome.presenceViolation ?? (outcome.everSeen ? null : 'never seen')),
  },
  /** T1.9 */
  'back-for-a-moment': {
    schedules: backForAMoment,
    violation: ({ longestFalseGreen }) =>
      longestFalseGreen < 600 ? null : `green for ${longestFalseGreen} ms`,
  },
} satisfies Record<string, Property>

export type PropertyName = keyof typeof properties

export interface Checked {
  readonly ran: number
  /** In how many of them a badge was ever green. */
  readonly green: number
  /** In how many of them a watcher ever saw the person in a colour. */
  readonly seen: number
  /** How many connections took the place of another that was still there. */
  readonly moved: number
  /** How many calls ended in each way. */
  readonly ends: Readonly<Record<string, number>>
  /** The shrunk schedule, as JSON, and what is wrong with it. */
  readonly counterexample: { readonly schedule: string; readonly violation: string } | null
}

/** Runs `runs` random schedules of a property, from a seed that makes them again. */
export function check(name: PropertyName, runs: number, seed: number): Checked {
  const { schedules: arbitrary, violation }: Property = properties[name]
  let green = 0
  let seen = 0
  let moved = 0
  const ends: Record<string, number> = {}
  const details = fc.check(
    fc.property(arbitrary, (schedule) => {
      const outcome = runSchedule(schedule)
      if (outcome.everGreen) green += 1
      if (outcome.everSeen) seen += 1
      moved += outcome.moved
      for (const [how, count] of Object.entries(outcome.ends)) ends[how] = (ends[how] ?? 0) + count
      return violation(outcome, schedule) === null
    }),
    { numRuns: runs, seed },
  )
  const schedule = details.counterexample?.[0]
  return {
    ran: details.numRuns,
    green,
    seen,
    moved,
    ends,
    counterexample: schedule
      ? {
          schedule: JSON.stringify(schedule),
          violation: violation(runSchedule(schedule), schedule) ?? 'gone',
        }
      : null,
  }
}
