import { expect, test } from 'vitest'
import {
  type ActiveCall,
  type ActiveCallEffect,
  type ActiveCallEvent,
  beginCall,
  type CallEnd,
  deadlineOf,
  firstTold,
  isTrying,
  reduceCall,
} from '../../../server/calls/active-call-reducer.ts'

const ringFor = 45_000
const longWait = 120_000

type At = readonly [at: number, event: ActiveCallEvent]

const asked: ActiveCallEvent = { kind: 'asked', connection: 'a', device: 'a' }
const acknowledged: ActiveCallEvent = { kind: 'acknowledged', connection: 'a' }
const lost: ActiveCallEvent = { kind: 'lost', connection: 'a' }
const gained: ActiveCallEvent = { kind: 'lease-gained', connection: 'b' }
const returned: ActiveCallEvent = { kind: 'ask-returned' }
const tick: ActiveCallEvent = { kind: 'tick' }
const cancelled: ActiveCallEvent = { kind: 'cancelled' }
const unwritten: ActiveCallEvent = { kind: 'unwritten' }
const askB = (ringsFor: number): ActiveCallEffect => ({ kind: 'ask', connection: 'b', ringsFor })

/** Lets events happen to a call placed at 0, at their times. @returns it, and the effects of the last event. */
const run = (waitFor: number, ...events: readonly At[]): [ActiveCall, ActiveCallEffect[]] =>
  events.reduce<[ActiveCall, ActiveCallEffect[]]>(
    ([call], [at, event]) => reduceCall(call, event, at),
    beginCall({ ringFor, waitFor }, 0),
  )

const ringing: readonly At[] = [
  [0, asked],
  [0, returned],
  [10, acknowledged],
]

test('P3.1 T4.2 a call asks every connection as it begins, for its full time', () => {
  const [call, effects] = beginCall({ ringFor, waitFor: 20_000 }, 1_000)
  expect(effects).toEqual([{ kind: 'ask', connection: null, ringsFor: ringFor }])
  expect(call).toMatchObject({ state: 'placed', asking: 1, ringUntil: 46_000, waitUntil: 21_000 })
})

test('P1.1 who placed it is told of a change of what they hear, and of nothing else', () => {
  const changed: ActiveCallEffect[] = [{ kind: 'changed' }]
  expect(run(0, [0, asked])[1]).toEqual([])
  expect(run(0, [0, asked], [0, returned])[1]).toEqual([])
  expect(run(0, ...ringing)[1]).toEqual(changed)
  const onTwo: At[] = [[20, { kind: 'asked', connection: 'b', device: 'b' }]]
  expect(run(0, ...ringing, ...onTwo)[1]).toEqual([])
  expect(run(0, ...ringing, ...onTwo, [30, { kind: 'acknowledged', connection: 'b' }])[1]).toEqual(changed)
  // Told that nobody can be reached as it begins to wait, and not again.
  expect(run(longWait, [5, returned])[1]).toEqual(changed)
  expect(run(longWait, [5, returned], [6, tick])[1]).toEqual([])
})

test('P2.1 nobody is called unreachable while an ask has not returned, however many have', () => {
  const two: At[] = [
    [1, gained],
    [2, returned],
  ]
  const [call] = run(0, ...two)
  expect([call.state, call.asking, isTrying(call)]).toEqual(['placed', 1, true])
  expect(run(0, ...two, [3, returned])[0]).toMatchObject({ state: 'waiting', disposition: 'unreachable' })
})

test('T4.3 a device that is lost while it is being asked is waited for no longer', () => {
  const [call, effects] = run(longWait, [0, asked], [0, returned], [5, lost])
  expect([...call.legs.keys()]).toEqual(['a'])
  expect(call).toMatchObject({ state: 'waiting', disposition: 'unreachable' })
  expect(effects).toEqual([{ kind: 'changed' }])
})

test('C9.8 P2.3 a cancelled call, and one whose server stops, ends with what was so', () => {
  const ends = (event: ActiveCallEvent) => run(0, ...ringing, [20, event])[1]
  expect(ends(cancelled)).toEqual([
    { kind: 'end', end: { outcome: 'cancelled', why: 'cancelled', device: null } },
  ])
  expect(ends({ kind: 'server-stopped' })).toEqual([
    { kind: 'end', end: { outcome: 'missed', why: 'server-restarted', device: null } },
  ])
})

test('P3.2 an end is tried again a second after each try, and not while the last one is being written', () => {
  const again: ActiveCallEffect = { kind: 'end', end: { outcome: 'missed', why: 'no-answer', device: null } }
  const silenced: At[] = [...ringing, [ringFor, tick], [ringFor, unwritten]]
  expect(run(0, ...silenced, [ringFor + 999, tick])[1]).toEqual([])
  const second: At[] = [...silenced, [ringFor + 1_000, tick]]
  expect(run(0, ...second)[1]).toEqual([again])
  expect(run(0, ...second, [ringFor + 1_001, tick])[1]).toEqual([])
  expect(run(0, ...second, [ringFor + 1_999, tick])[1]).toEqual([])
  expect(run(0, ...second, [ringFor + 2_000, tick])[1]).toEqual([again])
})

test('P5.2 that nothing could be written changes nothing when nothing was to end', () => {
  const [call] = run(0, ...ringing)
  expect(reduceCall(call, unwritten, 20)).toEqual([call, []])
})

test('P2.2 a device that comes while a call is being ended is not asked, and is once that was not written', () => {
  const ending: At[] = [...ringing, [20, cancelled]]
  expect(run(0, ...ending, [30, gained])[1]).toEqual([])
  expect(run(0, ...ending, [30, unwritten], [40, gained])[1]).toEqual([askB(ringFor - 40)])
})

test('P2.2 whoever comes rings for what is left of a ring that has begun, and never past its end', () => {
  const gone: At[] = [...ringing, [50, lost]]
  expect(run(0, ...gone, [ringFor - 1, gained])[1]).toEqual([askB(1)])
  expect(run(0, ...gone, [ringFor, gained])[1]).not.toContainEqual(expect.objectContaining({ kind: 'ask' }))
  // It rang, and does not ring longer for having been ready to wait longer.
  expect(run(longWait, ...gone, [ringFor, gained])[1]).not.toContainEqual(
    expect.objectContaining({ kind: 'ask' }),
  )
})

test('P2.1 whoever comes to a call that never rang rings its full time, also when an ask is out for as long', () => {
  expect(run(longWait, [ringFor - 1, gained])[1]).toEqual([askB(1)])
  expect(run(longWait, [ringFor, gained])[1]).toEqual([askB(ringFor)])
  const [call, effects] = run(longWait, [ringFor + 1, gained])
  expect(effects).toEqual([askB(ringFor)])
  expect(deadlineOf(call)).toBe(longWait)
  expect(run(longWait, [5, returned], [longWait - 1, gained])[1]).toEqual([askB(ringFor)])
})

test('P2.2 a device that was asked and reports so only after the ask was given up rings as any other', () => {
  const late: At[] = [
    [1_000, returned],
    [1_100, asked],
    [1_200, acknowledged],
  ]
  const [call] = run(longWait, ...late)
  expect(call).toMatchObject({ state: 'ringing', disposition: 'unreachable', ringUntil: null })
  expect(run(longWait, ...late, [1_300, lost], [2_000, gained])[1]).toEqual([askB(ringFor)])
})

test('P1.1 what a caller who was told nothing is told by the end', () => {
  const told = (outcome: CallEnd['outcome'], why: CallEnd['why']) => {
    const end: CallEnd = { outcome, why, device: null }
    const [call, effects] = run(0, [0, asked], [1, { kind: 'ended', end }])
    expect(effects).toEqual([{ kind: 'over', end }])
    expect(call.disposition).toBe(firstTold(end))
    return firstTold(end)
  }
  expect(told('answered', null)).toBe('ringing')
  expect(told('declined', null)).toBe('ringing')
  expect(told('missed', 'unreachable')).toBe('unreachable')
  expect(told('missed', 'busy')).toBe('busy')
  expect(told('missed', 'no-answer')).toBe(null)
  expect(told('missed', 'server-restarted')).toBe(null)
  expect(told('cancelled', 'cancelled')).toBe(null)
})

test('PL3.1 whoever is found busy is told as nothing else, while the end is being written and where that fails', () => {
  const found: ActiveCallEvent = { kind: 'found-busy' }
  const end: CallEnd = { outcome: 'missed', why: 'busy', device: null }
  const [call, effects] = run(longWait, [5, found])
  expect([call.state, effects]).toEqual(['placed', [{ kind: 'end', end }]])
  const again: At[] = [
    [5, found],
    [6, found],
    [7, returned],
    [8, unwritten],
    [9, returned],
  ]
  expect(run(longWait, ...again)[0]).toMatchObject({ state: 'placed', disposition: null, end })
  expect(run(longWait, ...again, [1_008, tick])[1]).toEqual([{ kind: 'end', end }])
  const over: At = [1_009, { kind: 'ended', end }]
  expect(run(longWait, ...again, over)).toMatchObject([{ disposition: 'busy' }, [{ kind: 'over', end }]])
  const waited = run(longWait, [5, returned], [20, gained], [21, found], [22, { kind: 'ended', end }])
  expect(waited).toMatchObject([{ state: 'missed', disposition: 'unreachable' }, [{ kind: 'over', end }]])
})

test('P5.9 a call that rang and is over stays as it ended, whatever comes after', () => {
  const end: CallEnd = { outcome: 'answered', why: null, device: 'a' }
  const [call, effects] = run(0, ...ringing, [20, { kind: 'ended', end }])
  expect([call.state, effects]).toEqual(['answered', [{ kind: 'over', end }]])
  for (const event of [lost, cancelled, gained, tick])
    expect(reduceCall(call, event, 2 * ringFor)).toEqual([call, []])
})
