import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type PlaceLight,
  placeTiming,
  type VisitAnswer,
  type VisitView,
  visitStates,
} from '../../../protocol/place.ts'
import {
  hasFailed,
  isBlocked,
  isHeld,
  noVisit,
  reduceVisit,
  type Visit,
  type VisitEvent,
} from '../../../web/place/visit-reducer.ts'

const view = (more: Partial<VisitView> = {}): VisitView => ({
  ...{ id: 'v', state: 'calling', position: null, ringing: 0, room: null, standing: 'calling 0 0', ...more },
})
const light: PlaceLight = {
  ...{ slug: 'desk', name: 'Desk', state: 'closed', validFor: 9_000, waiting: 0, why: 'nobody' },
  ...{ opensAt: null, at: 1 },
}

const after = (...events: VisitEvent[]): Visit => events.reduce(reduceVisit, noVisit)
const pressed: VisitEvent = { kind: 'pressed', key: 'k', at: 900 }
const visiting: VisitEvent = {
  ...{ kind: 'answer', key: 'k', sentAt: 1_000 },
  answer: { kind: 'visiting', secret: 's', visit: view({ state: 'queued', position: 2 }) },
}

test('PV2.5 PV3.7 a call goes from its press to one end, and each end is told', () => {
  expect(after(pressed)).toEqual({ kind: 'asking', key: 'k', since: 900, isProving: false })
  expect(after(pressed, visiting)).toMatchObject({ kind: 'waiting', id: 'v', secret: 's', heldUntil: 7_000 })
  const ringing: VisitEvent = { kind: 'view', view: view({ ringing: 2 }), sentAt: 3_000 }
  expect(after(pressed, visiting, ringing)).toMatchObject({ view: { ringing: 2 }, heldUntil: 9_000 })
  const answered: VisitEvent = {
    kind: 'view',
    view: view({ state: 'answered', room: '/rooms/x#t=1' }),
    sentAt: 4_000,
  }
  expect(after(pressed, visiting, answered)).toEqual({ kind: 'answered', room: '/rooms/x#t=1' })
  for (const state of ['declined', 'unanswered', 'unreachable', 'cancelled', 'left'] as const)
    expect(after(pressed, visiting, { kind: 'view', view: view({ state }), sentAt: 4_000 })).toMatchObject({
      ...{ kind: 'over', outcome: state },
    })
  expect(
    after(pressed, { kind: 'answer', key: 'k', sentAt: 1, answer: { kind: 'not-now', light } }),
  ).toMatchObject({
    outcome: 'not-now',
  })
  // Of whom nothing is known it is not said that they could not be reached.
  expect(
    after(pressed, {
      ...{ kind: 'answer', key: 'k', sentAt: 1 },
      answer: { kind: 'not-now', light: { ...light, state: 'unknown', why: null } },
    }),
  ).toMatchObject({ outcome: 'not-known' })
  expect(after(pressed, { kind: 'refused', key: 'k', retryAfter: 30 })).toMatchObject({
    outcome: 'too-many',
    retryAfter: 30,
  })
  expect(after(pressed, { kind: 'refused', key: 'k', retryAfter: null })).toMatchObject({ outcome: 'failed' })
  // Its place was removed, and it with that: not that this page was away.
  expect(after(pressed, visiting, { kind: 'gone', id: 'v' })).toMatchObject({ outcome: 'gone' })
  expect(after(pressed, { kind: 'no-place', key: 'k' })).toMatchObject({ kind: 'over', outcome: 'gone' })
  expect(after(pressed, { kind: 'no-place', key: 'other' })).toMatchObject({ kind: 'asking' })
})

test('PV3.6 what was said of a visit is shown no longer than the server holds it', () => {
  const waiting = after(pressed, visiting)
  if (waiting.kind !== 'waiting') throw new Error('it waits')
  expect(isHeld(waiting, 1_000 + placeTiming.leaseFor - 1)).toBe(true)
  expect(isHeld(waiting, 1_000 + placeTiming.leaseFor)).toBe(false)
})

test('PV3.7 hanging up is told as soon as the server says so, and else for what it is', () => {
  const hungUp: VisitEvent = { kind: 'hung-up' }
  const leaving = after(pressed, visiting, hungUp)
  expect(leaving).toMatchObject({ kind: 'waiting', isLeaving: true })
  // What is on its way meanwhile does not bring the visitor back into the line.
  expect(
    reduceVisit(leaving, { kind: 'view', view: view({ state: 'queued', position: 1 }), sentAt: 2_000 }),
  ).toMatchObject({ kind: 'waiting', isLeaving: true })
  expect(
    reduceVisit(leaving, { kind: 'view', view: view({ state: 'cancelled' }), sentAt: 2_000 }),
  ).toMatchObject({ kind: 'over', outcome: 'cancelled' })
  expect(reduceVisit(leaving, { kind: 'unheard', id: 'v' })).toMatchObject({ outcome: 'hung-up' })
  expect(after(pressed, visiting, { kind: 'unheard', id: 'v' })).toMatchObject({ kind: 'waiting' })
  // Before there was an answer.
  expect(after(pressed, hungUp)).toMatchObject({ kind: 'over', outcome: 'hung-up' })
  expect(after(pressed, hungUp, visiting)).toMatchObject({ kind: 'over', outcome: 'hung-up' })
})

test('PV3.12 whoever has hung up is not taken into the room, though somebody answered at that moment', () => {
  const leaving = after(pressed, visiting, { kind: 'hung-up' })
  for (const room of ['/rooms/x#t=1', null]) {
    const answered: VisitEvent = { kind: 'view', view: view({ state: 'answered', room }), sentAt: 2_000 }
    expect(reduceVisit(leaving, answered)).toMatchObject({ kind: 'over', outcome: 'hung-up' })
  }
  // Hung up before it was known that there is a visit.
  const late: VisitEvent = {
    ...{ kind: 'answer', key: 'k', sentAt: 1_000 },
    answer: { kind: 'visiting', secret: 's', visit: view({ state: 'answered', room: 'x' }) },
  }
  expect(after(pressed, { kind: 'hung-up' }, late)).toMatchObject({ kind: 'over', outcome: 'hung-up' })
})

test('PV3.7 what is said of a call before changes nothing of the next one', () => {
  const next: VisitEvent = { kind: 'pressed', key: 'other', at: 5_000 }
  const over: VisitEvent = { kind: 'view', view: view({ state: 'declined' }), sentAt: 4_000 }
  const asking = after(pressed, visiting, over, next)
  expect(reduceVisit(asking, visiting)).toBe(asking)
  expect(reduceVisit(asking, { kind: 'refused', key: 'k', retryAfter: null })).toBe(asking)
  const waiting = reduceVisit(asking, {
    ...{ kind: 'answer', key: 'other', sentAt: 5_000 },
    answer: { kind: 'visiting', secret: 's', visit: view({ id: 'w' }) },
  })
  for (const late of [over, { kind: 'gone', id: 'v' }, { kind: 'unheard', id: 'v' }] as VisitEvent[])
    expect(reduceVisit(waiting, late)).toBe(waiting)
})

test('PV2.5 PV5.3 a message is offered after a call that came to nothing, and to nobody from whom the place takes none', () => {
  const ends = (['declined', 'unanswered', 'unreachable', 'left', 'cancelled'] as const).map((state) =>
    after(pressed, visiting, { kind: 'view', view: view({ state }), sentAt: 4_000 }),
  )
  expect(ends.map(hasFailed)).toEqual([true, true, true, true, false])
  const answered = (answer: VisitAnswer) => after(pressed, { kind: 'answer', key: 'k', sentAt: 1, answer })
  const blocked = answered({ kind: 'blocked' })
  expect([hasFailed(blocked), isBlocked(blocked)]).toEqual([false, true])
  const others = [
    ...[noVisit, after(pressed), after(pressed, visiting), answered({ kind: 'full', light })],
    ...ends,
  ]
  expect(others.filter(isBlocked)).toEqual([])
  expect([
    hasFailed(noVisit),
    hasFailed(after(pressed)),
    hasFailed(answered({ kind: 'full', light })),
  ]).toEqual([false, false, true])
  expect(hasFailed(after(pressed, { kind: 'no-place', key: 'k' }))).toBe(false)
  expect(hasFailed(after(pressed, { kind: 'hung-up' }))).toBe(false)
})

test('PV3.7 by the way back from the room Call is there again', () => {
  const answered: VisitEvent = { kind: 'view', view: view({ state: 'answered', room: 'x' }), sentAt: 2_000 }
  expect(after(pressed, visiting, answered, { kind: 'back' })).toEqual(noVisit)
  expect(after(pressed, visiting, { kind: 'back' })).toMatchObject({ kind: 'waiting' })
})

test('PV3.7 whatever comes in whichever order, an end stays until Call is pressed again', () => {
  const event = fc.oneof(
    fc.constant(pressed),
    fc.constant(visiting),
    fc.constant<VisitEvent>({
      kind: 'answer',
      key: 'k',
      sentAt: 1,
      answer: { kind: 'prove', challenge: '{}' },
    }),
    fc.constant<VisitEvent>({ kind: 'answer', key: 'k', sentAt: 1, answer: { kind: 'blocked' } }),
    fc.constant<VisitEvent>({ kind: 'refused', key: 'k', retryAfter: null }),
    fc.constant<VisitEvent>({ kind: 'gone', id: 'v' }),
    fc.constant<VisitEvent>({ kind: 'no-place', key: 'k' }),
    fc.constant<VisitEvent>({ kind: 'hung-up' }),
    fc.constant<VisitEvent>({ kind: 'unheard', id: 'v' }),
    fc
      .constantFrom(...visitStates)
      .map((state): VisitEvent => ({ kind: 'view', view: view({ state, room: 'x' }), sentAt: 2 })),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      let visit: Visit = noVisit
      for (const one of events) {
        const next = reduceVisit(visit, one)
        if (visit.kind === 'answered') expect(next).toBe(visit)
        if (visit.kind === 'over' && one.kind !== 'pressed') expect(next).toBe(visit)
        if (visit.kind === 'waiting' && visit.isLeaving) expect(next.kind).not.toBe('answered')
        if (next.kind === 'waiting') expect(['queued', 'calling']).toContain(next.view.state)
        visit = next
      }
    }),
    { numRuns: 2_000 },
  )
})

test('PV2.5 Call is pressed once until it is over, shows work while it is done, and needs a room to be answered', () => {
  const asking = after(pressed)
  const again: VisitEvent = { kind: 'pressed', key: 'other', at: 950 }
  expect(reduceVisit(asking, again)).toBe(asking)
  const waiting = after(pressed, visiting)
  expect(reduceVisit(waiting, again)).toBe(waiting)
  const over = after(pressed, { kind: 'refused', key: 'k', retryAfter: null })
  expect(reduceVisit(over, again)).toEqual({ kind: 'asking', key: 'other', since: 950, isProving: false })
  expect(
    after(pressed, { kind: 'answer', key: 'k', sentAt: 1, answer: { kind: 'prove', challenge: '{}' } }),
  ).toEqual({
    ...{ kind: 'asking', key: 'k', since: 900, isProving: true },
  })
  const nowhere: VisitEvent = { kind: 'view', view: view({ state: 'answered', room: null }), sentAt: 4_000 }
  expect(after(pressed, visiting, nowhere)).toMatchObject({ kind: 'over', outcome: 'failed' })
})
