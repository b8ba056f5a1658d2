import { expect, test } from 'vitest'
import { longestWait, stepOf, type VisitFacts } from '../../../server/places/visit-rule.ts'

const now = 1_000_000

const facts = (
  visit: Partial<VisitFacts['visit']> = {},
  more: Partial<Omit<VisitFacts, 'visit'>> = {},
): VisitFacts => ({
  visit: {
    ...{
      state: 'calling',
      at: now - 2_000,
      calledAt: now - 1_000,
      leaseUntil: now + 3_000,
      nobodySince: null,
    },
    ...visit,
  },
  ...{ light: { state: 'reachable', why: null }, calls: [], isPlacing: false, unasked: [] },
  ...more,
})

type Call = VisitFacts['calls'][number]
const ringing: Call = { userId: 'ann', state: 'ringing', why: null }
const declined: Call = { userId: 'ann', state: 'declined', why: null }
const missed = (why: Call['why']): Call => ({ userId: 'ben', state: 'missed', why })

test('PV3.6 a visit whose lease is over has been left, whatever rings', () => {
  const late = facts({ leaseUntil: now }, { calls: [ringing] })
  expect(stepOf(late, now)).toEqual({ kind: 'end', state: 'left' })
})

test('PV3.5 who waits takes their turn, until nobody can be reached or ten minutes are over', () => {
  const queued = { state: 'queued', calledAt: null } as const
  expect(stepOf(facts(queued), now)).toEqual({ kind: 'take-turn' })
  expect(stepOf(facts(queued, { light: { state: 'busy', why: null } }), now)).toEqual({ kind: 'take-turn' })
  expect(stepOf(facts(queued, { light: { state: 'unknown', why: null } }), now)).toEqual({
    kind: 'take-turn',
  })
  for (const why of ['hours', 'shut', 'no-room'] as const)
    expect(stepOf(facts(queued, { light: { state: 'closed', why } }), now)).toEqual({
      kind: 'end',
      state: 'unreachable',
    })
  expect(stepOf(facts({ ...queued, at: now - longestWait }), now)).toEqual({
    kind: 'end',
    state: 'unanswered',
  })
})

test('PV3.5 who waits keeps their place for half a minute while nobody is there', () => {
  const queued = (nobodySince: number | null) => ({ state: 'queued', calledAt: null, nobodySince }) as const
  const nobody = { light: { state: 'closed', why: 'nobody' } } as const
  expect(stepOf(facts(queued(null), nobody), now)).toEqual({ kind: 'note', nobodySince: now })
  expect(stepOf(facts(queued(now - 29_999), nobody), now)).toEqual({ kind: 'wait' })
  expect(stepOf(facts(queued(now - 30_000), nobody), now)).toEqual({ kind: 'end', state: 'unreachable' })
  // Whoever set the clock back makes nobody wait for longer.
  expect(stepOf(facts(queued(now + 3_600_000), nobody), now)).toEqual({ kind: 'note', nobodySince: now })
  expect(stepOf(facts(queued(now + 1_001), nobody), now)).toEqual({ kind: 'note', nobodySince: now })
  expect(stepOf(facts(queued(now + 1_000), nobody), now)).toEqual({ kind: 'wait' })
  // What else closes the place ends it at once.
  const hours = facts(queued(now - 1_000), { light: { state: 'closed', why: 'hours' } })
  expect(stepOf(hours, now)).toEqual({ kind: 'end', state: 'unreachable' })
  // Whoever is there in between begins it anew.
  expect(stepOf(facts(queued(now - 30_000)), now)).toEqual({ kind: 'note', nobodySince: null })
  // And nobody waits longer than anybody may.
  const long = facts({ ...queued(null), at: now - longestWait }, nobody)
  expect(stepOf(long, now)).toEqual({ kind: 'end', state: 'unanswered' })
})

test('PV3.2 PV3.9 who becomes available while it rings is rung too, and so is everybody where a node died before it rang them', () => {
  const asked = { calls: [ringing], unasked: ['cleo'] }
  expect(stepOf(facts({}, asked), now)).toEqual({ kind: 'ring', members: ['cleo'] })
  // Also while a colleague's call is placed, which takes seconds where their device does not answer.
  for (const calls of [[], [ringing], [declined]])
    expect(stepOf(facts({}, { calls, unasked: ['cleo'], isPlacing: true }), now)).toEqual({
      ...{ kind: 'ring', members: ['cleo'] },
    })
  expect(stepOf(facts({}, { calls: [declined], isPlacing: true }), now)).toEqual({ kind: 'wait' })
  expect(stepOf(facts({}, { unasked: ['ann'] }), now)).toEqual({ kind: 'ring', members: ['ann'] })
  expect(stepOf(facts({}), now)).toEqual({ kind: 'wait' })
  // Whoever declined is not asked again, nor anybody once it is over for all who were.
  expect(stepOf(facts({}, { calls: [declined], unasked: ['cleo'] }), now)).toEqual({
    kind: 'end',
    state: 'declined',
  })
})

test('PV3.7 a visit whose calls are all over ends as they did', () => {
  const end = (...calls: Call[]) => stepOf(facts({}, { calls }), now)
  expect(end(ringing, declined)).toEqual({ kind: 'wait' })
  expect(end(declined, declined)).toEqual({ kind: 'end', state: 'declined' })
  expect(end(declined, missed('no-answer'))).toEqual({ kind: 'end', state: 'unanswered' })
  expect(end(missed('unreachable'))).toEqual({ kind: 'end', state: 'unreachable' })
  expect(end(missed('busy'), declined)).toEqual({ kind: 'end', state: 'declined' })
  expect(stepOf(facts({ calledAt: now - 7_000 }), now)).toEqual({ kind: 'end', state: 'unreachable' })
})

test('PV3.2 PV3.7 a call that is placed or waits goes on, and who comes is rung beside it', () => {
  for (const state of ['placed', 'ringing', 'waiting'] as const) {
    const calls: Call[] = [{ userId: 'ben', state, why: null }, declined]
    expect(stepOf(facts({}, { calls }), now)).toEqual({ kind: 'wait' })
    expect(stepOf(facts({}, { calls, unasked: ['cleo'] }), now)).toEqual({ kind: 'ring', members: ['cleo'] })
  }
  const unreachable = { kind: 'end', state: 'unreachable' }
  expect(stepOf(facts({ calledAt: now - 6_000 }), now)).toEqual(unreachable)
  expect(stepOf(facts({ calledAt: now - 5_999 }), now)).toEqual({ kind: 'wait' })
  // By the clock of another node, or before the clock was set back.
  expect(stepOf(facts({ calledAt: now + 500 }), now)).toEqual({ kind: 'wait' })
  expect(stepOf(facts({ calledAt: now + 3_600_000 }), now)).toEqual(unreachable)
  expect(stepOf(facts({ calledAt: null }), 1_000)).toEqual(unreachable)
})
