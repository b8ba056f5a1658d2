import { expect, test } from 'vitest'
import {
  type ActiveCall,
  type ActiveCallEffect,
  type ActiveCallEvent,
  adoptCall,
  beginCall,
  type CallEnd,
  canBeTold,
  deadlineOf,
  devicesOf,
  recordedDeadlineOf,
  reduceCall,
} from '../../../server/calls/active-call-reducer.ts'
import { nodesOf } from '../../../server/calls/legs.ts'

const ringFor = 45_000

type At = readonly [at: number, event: ActiveCallEvent]

/** Lets events happen to a call placed at 0, at their times. @returns it, and the effects of the last event. */
function run(waitFor: number, ...events: readonly At[]): [ActiveCall, ActiveCallEffect[]] {
  return events.reduce<[ActiveCall, ActiveCallEffect[]]>(
    ([call], [at, event]) => reduceCall(call, event, at),
    beginCall({ ringFor, waitFor }, 0),
  )
}

const asked = (connection: string, device = connection): ActiveCallEvent => ({
  kind: 'asked',
  connection,
  device,
})
const acknowledged = (connection: string): ActiveCallEvent => ({ kind: 'acknowledged', connection })
const lost = (connection: string): ActiveCallEvent => ({ kind: 'lost', connection })
const gained = (connection: string): ActiveCallEvent => ({ kind: 'lease-gained', connection })
const returned: ActiveCallEvent = { kind: 'ask-returned' }
const tick: ActiveCallEvent = { kind: 'tick' }
const missed = (why: CallEnd['why']): CallEnd => ({ outcome: 'missed', why, device: null })
/** It rings on these. */
const ringingOn = (...connections: readonly string[]): At[] => [
  ...connections.map((connection): At => [0, asked(connection)]),
  [0, returned],
  ...connections.map((connection): At => [10, acknowledged(connection)]),
]

test('P1.1 a call rings as soon as a device has acknowledged it, on as many as did', () => {
  expect(run(0, [0, asked('a')], [0, returned])[0]).toMatchObject({ state: 'placed', disposition: null })
  const [call, effects] = run(0, ...ringingOn('a', 'b'))
  expect(call).toMatchObject({ state: 'ringing', disposition: 'ringing' })
  expect(devicesOf(call)).toBe(2)
  expect(effects).toEqual([{ kind: 'changed' }])
})

test('T4.3 a call that reaches no device is missed as unreachable at once, unless it is to wait', () => {
  const [call, effects] = run(0, [5, returned])
  expect(call).toMatchObject({ state: 'waiting', disposition: 'unreachable' })
  expect(effects).toEqual([{ kind: 'changed' }, { kind: 'end', end: missed('unreachable') }])
  const [waiting, told] = run(20_000, [5, returned])
  expect(waiting).toMatchObject({ state: 'waiting', disposition: 'unreachable', end: null })
  expect(told).toEqual([{ kind: 'changed' }])
  expect(run(20_000, [5, returned], [20_000, tick])[1]).toEqual([{ kind: 'end', end: missed('unreachable') }])
})

test('P5.1 the first to answer, decline or cancel wins', () => {
  const answered: ActiveCallEvent = { kind: 'answered', device: 'a' }
  const [call, effects] = run(0, ...ringingOn('a', 'b'), [20, answered])
  expect(effects).toEqual([{ kind: 'end', end: { outcome: 'answered', why: null, device: 'a' } }])
  for (const event of [
    { kind: 'answered', device: 'b' },
    { kind: 'declined', device: 'b' },
    { kind: 'cancelled' },
  ] as const)
    expect(reduceCall(call, event, 21)).toEqual([call, []])
})

test('C1.4 a call may be answered before any device has acknowledged it', () => {
  const end: CallEnd = { outcome: 'answered', why: null, device: 'a' }
  const [call, effects] = run(
    0,
    [0, asked('a')],
    [1, { kind: 'answered', device: 'a' }],
    [2, { kind: 'ended', end }],
  )
  expect(call).toMatchObject({ state: 'answered', disposition: 'ringing', end })
  expect(effects).toEqual([{ kind: 'over', end }])
})

test('P5.1 PL1.3 a call that is declined ends so, by that device and with what was said', () => {
  const [, effects] = run(0, ...ringingOn('a'), [20, { kind: 'declined', device: 'a', reply: 'Later' }])
  expect(effects).toEqual([
    { kind: 'end', end: { outcome: 'declined', why: null, device: 'a', reply: 'Later' } },
  ])
})

test('T4.2 a leg that has not acknowledged within 3 s does not ring, and its connection is told of', () => {
  const [call, effects] = run(0, [0, asked('a')], [0, returned], [3_000, acknowledged('a')])
  expect(effects).toEqual([
    { kind: 'unanswered', connection: 'a' },
    { kind: 'changed' },
    { kind: 'end', end: missed('unreachable') },
  ])
  expect(devicesOf(call)).toBe(0)
})

test('P1.1 when the last leg that acknowledged is gone the call waits, in the same step, to the end of its time', () => {
  const [one] = run(0, ...ringingOn('a', 'b'), [50, lost('a')])
  expect([one.state, devicesOf(one)]).toEqual(['ringing', 1])
  const [none, effects] = reduceCall(one, lost('b'), 60)
  expect([none.state, none.disposition, devicesOf(none)]).toEqual(['waiting', 'ringing', 0])
  expect(effects).toEqual([{ kind: 'changed' }])
  expect(reduceCall(none, tick, ringFor - 1)[1]).toEqual([])
  expect(reduceCall(none, tick, ringFor)[1]).toEqual([{ kind: 'end', end: missed('unreachable') }])
})

test('P2.2 a device that gains a lease while a call waits is asked, for what is left of its time', () => {
  const [back, asks] = run(0, ...ringingOn('a'), [50, lost('a')], [31_000, gained('a2')])
  expect(asks).toEqual([{ kind: 'ask', connection: 'a2', ringsFor: 14_000 }])
  expect(back.state).toBe('waiting')
  const again: At[] = [
    [31_000, asked('a2', 'a')],
    [31_000, returned],
    [31_100, acknowledged('a2')],
  ]
  const [call] = again.reduce(([before], [at, event]) => reduceCall(before, event, at), [back, asks])
  expect([call.state, devicesOf(call)]).toEqual(['ringing', 1])
  expect(reduceCall(call, tick, ringFor)[1]).toEqual([{ kind: 'end', end: missed('no-answer') }])
})

test('P2.1 a call that never rang rings its full time on whoever comes within waitFor, and on nobody after it', () => {
  const [call, asks] = run(120_000, [5, returned], [119_000, gained('a')])
  expect(asks).toEqual([{ kind: 'ask', connection: 'a', ringsFor: ringFor }])
  const [rung] = [asked('a'), returned, acknowledged('a')].reduce(
    (before, event) => [reduceCall(before[0], event, 119_500)[0]] as const,
    [call] as const,
  )
  expect([rung.state, deadlineOf(rung)]).toEqual(['ringing', 119_000 + ringFor])
  const [over, effects] = run(20_000, [5, returned], [20_000, gained('a')])
  expect(effects).toEqual([{ kind: 'end', end: missed('unreachable') }])
  expect(over.asking).toBe(0)
})

test('L4.10 a leg that is asked passes to the connection that replaces it, within the same 3 s', () => {
  const moved: At[] = [
    [0, asked('a')],
    [0, returned],
    [1_000, { kind: 'replaced', connection: 'a', by: 'a2' }],
  ]
  expect(run(0, ...moved)[0]).toMatchObject({ state: 'placed', end: null })
  expect(run(0, ...moved, [1_100, acknowledged('a2')])[0].state).toBe('placed')
  const rung = run(0, ...moved, [1_200, gained('a2')], [1_200, asked('a2', 'a')], [1_300, acknowledged('a2')])
  expect(rung[0].state).toBe('ringing')
  // It was not asked itself, so that nobody says of it that it promised.
  expect(run(0, ...moved, [3_000, tick])[1]).toEqual([
    { kind: 'changed' },
    { kind: 'end', end: missed('unreachable') },
  ])
})

test('P1.1 a connection that is replaced after it acknowledged rings no more; its successor is asked for itself', () => {
  const [call, effects] = run(0, ...ringingOn('a'), [50, { kind: 'replaced', connection: 'a', by: 'a2' }])
  expect(call.state).toBe('waiting')
  expect(effects).toEqual([{ kind: 'changed' }])
})

test('P5.2 an answer, decline or cancel that cannot be written has not happened', () => {
  for (const event of [
    { kind: 'answered', device: 'a' },
    { kind: 'declined', device: 'a' },
    { kind: 'cancelled' },
  ] as const) {
    const [call, effects] = run(0, ...ringingOn('a'), [20, event], [30, { kind: 'unwritten' }])
    expect([call.state, call.end, effects]).toEqual(['ringing', null, []])
  }
})

test('P3.2 a call whose time is over rings nowhere, even while that cannot be written, and it is tried again', () => {
  const out: At[] = [...ringingOn('a'), [ringFor, tick], [ringFor + 10, { kind: 'unwritten' }]]
  const [call, effects] = run(0, ...out)
  expect(call.state).toBe('waiting')
  expect(effects).toEqual([{ kind: 'silence' }, { kind: 'changed' }])
  expect(reduceCall(call, gained('b'), ringFor + 20)).toEqual([call, []])
  expect(reduceCall(call, tick, ringFor + 1_010)[1]).toEqual([{ kind: 'end', end: missed('no-answer') }])
})

test('P3.2 whoever was being asked as the time ended does not ring either, before and after the next try', () => {
  const out: At[] = [
    ...ringingOn('a'),
    [ringFor - 10, gained('b')],
    [ringFor, tick],
    [ringFor + 10, { kind: 'unwritten' }],
  ]
  const late: At[] = [
    [ringFor + 20, asked('b')],
    [ringFor + 20, acknowledged('b')],
  ]
  expect(run(0, ...out, ...late)[0].state).toBe('waiting')
  const again: At[] = [...out, [ringFor + 1_010, tick]]
  expect(run(0, ...again, [ringFor + 1_020, asked('b')], [ringFor + 1_030, acknowledged('b')])[0].state).toBe(
    'waiting',
  )
})

test('P2.3 a call that rings at once ends with its ring, however long it might have waited', () => {
  const [call] = run(120_000, ...ringingOn('a'))
  expect(reduceCall(call, tick, ringFor)[1]).toEqual([{ kind: 'end', end: missed('no-answer') }])
})

test('P1.1 a ring that is sent twice is acknowledged once, in the time of the first; a device counts once', () => {
  expect(run(0, ...ringingOn('a'), [20, asked('a')])[0].state).toBe('ringing')
  expect(run(0, [0, asked('a')], [2_000, asked('a')], [3_000, acknowledged('a')])[0].state).toBe('placed')
  expect(devicesOf(run(0, ...ringingOn('a'), [20, asked('a2', 'a')], [21, acknowledged('a2')])[0])).toBe(1)
})

test('L4.10 the connection that replaced one that was asked promised nothing, and loses nothing that it has', () => {
  const replaced: ActiveCallEvent = { kind: 'replaced', connection: 'a', by: 'a2' }
  const waited = run(0, [0, asked('a')], [0, returned], [10, replaced], [3_000, tick])[0]
  expect([...waited.legs.values()].map(({ state }) => state)).toEqual(['lost', 'lost'])
  const [ahead] = run(0, [0, asked('a')], [5, asked('a2', 'a')], [10, replaced], [20, acknowledged('a2')])
  expect(ahead.state).toBe('ringing')
})

test('P1.2 a caller is told that it rings once nobody who was asked is waited for, while an ask may still be out', () => {
  const told = (...events: readonly At[]) => canBeTold(run(0, ...events)[0])
  expect(told([0, asked('a')])).toBe(false)
  expect(told([0, asked('a')], [10, acknowledged('a')])).toBe(true)
  expect(told([0, asked('a')], [0, asked('b')], [10, acknowledged('a')])).toBe(false)
  expect(told([0, asked('a')], [0, asked('b')], [10, acknowledged('a')], [20, lost('b')])).toBe(true)
  expect(told([0, asked('a')], [0, returned])).toBe(false)
  // It waits, and somebody may still be reached.
  expect(told([0, asked('a')], [10, acknowledged('a')], [20, lost('a')])).toBe(false)
  expect(told([0, asked('a')], [0, returned], [10, acknowledged('a')], [20, lost('a')])).toBe(true)
})

const onNode = (connection: string, node: string): ActiveCallEvent => ({
  kind: 'asked',
  connection,
  device: connection,
  node,
})

test('P6.5 while the bus is lost a call waits and nobody is accused; once it is back every device is asked for what is left', () => {
  const gone: At[] = [...ringingOn('a'), [20, asked('b')], [4_000, { kind: 'bus-lost' }]]
  const [call, effects] = run(0, ...gone)
  expect([call.state, devicesOf(call), effects]).toEqual(['waiting', 0, [{ kind: 'changed' }]])
  const back: At[] = [...gone, [5_000, { kind: 'bus-returned' }]]
  expect(run(0, ...back)[1]).toEqual([{ kind: 'ask', connection: null, ringsFor: ringFor - 5_000 }])
  expect(run(0, ...back, [5_001, asked('a')], [5_002, acknowledged('a')])[0].state).toBe('ringing')
  // Who rang nowhere yet and is not to wait cannot be reached.
  expect(run(0, [0, asked('a')], [1, { kind: 'bus-lost' }], [1, returned])[1]).toEqual([
    { kind: 'changed' },
    { kind: 'end', end: missed('unreachable') },
  ])
})

test('P6.5 what a node holds that answers nobody rings no more, and what others hold goes on', () => {
  const both: At[] = [
    [0, onNode('a', 'one')],
    [0, onNode('b', 'two')],
    [0, returned],
    [10, acknowledged('a')],
    [10, acknowledged('b')],
  ]
  const [call, effects] = run(0, ...both, [20, { kind: 'node-lost', node: 'two' }])
  expect([call.state, devicesOf(call), effects]).toEqual(['ringing', 1, [{ kind: 'changed' }]])
  expect(nodesOf(call.legs)).toEqual(['one'])
  expect(reduceCall(call, { kind: 'node-lost', node: 'three' }, 30)).toEqual([call, []])
  expect(reduceCall(call, { kind: 'node-lost', node: 'one' }, 30)[0].state).toBe('waiting')
})

test('P6.5 the connection that came in place of one that was asked may be at any node', () => {
  const moved: At[] = [
    [0, onNode('a', 'one')],
    [0, returned],
    [10, { kind: 'replaced', connection: 'a', by: 'a2' }],
    [20, { kind: 'node-lost', node: 'one' }],
  ]
  expect(run(0, ...moved)[0]).toMatchObject({ state: 'placed', end: null })
})

const record = { disposition: null, rung: false, ringFor, waitLeft: -9_000, left: 36_000 }

test('P6.3 a call that is taken over keeps its deadline, waits if it rang, and asks every device', () => {
  const [rung, asks] = adoptCall({ ...record, disposition: 'ringing', rung: true }, 9_000)
  expect([rung.state, rung.disposition, deadlineOf(rung)]).toEqual(['waiting', 'ringing', 45_000])
  expect(asks).toEqual([{ kind: 'changed' }, { kind: 'ask', connection: null, ringsFor: 36_000 }])
  expect(reduceCall(rung, returned, 9_001)[0]).toMatchObject({ state: 'waiting', end: null })
  const again = [asked('a'), acknowledged('a')].reduce(
    (call, event) => reduceCall(call, event, 9_100)[0],
    rung,
  )
  expect(again.state).toBe('ringing')
  expect(reduceCall(again, tick, 45_000)[1]).toEqual([{ kind: 'end', end: missed('no-answer') }])

  const [placed] = adoptCall(record, 9_000)
  expect([placed.state, placed.disposition, deadlineOf(placed)]).toEqual(['placed', null, 45_000])
  expect(reduceCall(placed, returned, 9_001)[1].at(-1)).toEqual({ kind: 'end', end: missed('unreachable') })
})

test('P6.3 P2.1 a call that waits and never rang rings its full time also where it is taken over', () => {
  const waits = { ...record, disposition: 'unreachable', waitLeft: 60_000, left: 60_000 } as const
  const [call, asks] = adoptCall(waits, 1_000)
  expect(asks).toEqual([{ kind: 'changed' }, { kind: 'ask', connection: null, ringsFor: ringFor }])
  // Its caller was told so, and hears nothing else while everybody is asked again.
  expect(call.state).toBe('waiting')
  const [waiting] = reduceCall(call, returned, 1_001)
  expect([waiting.state, deadlineOf(waiting)]).toEqual(['waiting', 61_000])
  // Whoever was being asked as it was left rings to its deadline.
  const [late, left] = adoptCall({ ...waits, waitLeft: -1, left: 40_000 }, 1_000)
  expect([left[1], deadlineOf(late)]).toEqual([{ kind: 'ask', connection: null, ringsFor: 40_000 }, 41_000])
})

test('P6.3 a call whose time ended while nobody drove it is missed as that', () => {
  for (const left of [0, -1]) {
    const [call, effects] = adoptCall({ ...record, disposition: 'ringing', rung: true, left }, 9_000)
    expect(effects).toEqual([{ kind: 'changed' }, { kind: 'end', end: missed('server-restarted') }])
    expect(call.state).toBe('waiting')
  }
  expect(adoptCall({ ...record, left: 1 }, 9_000)[0].end).toBeNull()
})

test('PL3.2 of whom its caller is not to learn that it rang, a call rings no longer than it may wait, whoever drives it', () => {
  const [call, asks] = beginCall({ ringFor, waitFor: 20_000, capped: true }, 0)
  expect(asks).toEqual([{ kind: 'ask', connection: null, ringsFor: 20_000 }])
  const [waiting] = reduceCall(call, returned, 5)
  const [rung, later] = reduceCall(waiting, gained('a'), 5_000)
  expect(later).toContainEqual({ kind: 'ask', connection: 'a', ringsFor: 15_000 })
  expect(deadlineOf(rung)).toBe(20_000)
  // One that may wait for longer rings as long as any.
  expect(beginCall({ ringFor, waitFor: 120_000, capped: true }, 0)[1]).toEqual([
    { kind: 'ask', connection: null, ringsFor: ringFor },
  ])
  const known = { disposition: 'unreachable', rung: false, ringFor, waitLeft: 15_000, left: 15_000 } as const
  const ask = { kind: 'ask', connection: null } as const
  expect(adoptCall({ ...known, capped: true }, 0)[1]).toContainEqual({ ...ask, ringsFor: 15_000 })
  expect(adoptCall(known, 0)[1]).toContainEqual({ ...ask, ringsFor: ringFor })
})

test('PL3.5 what is written of a call that is taken over does not say whether its caller is not to learn that it rings', () => {
  const waits = { ...record, disposition: 'unreachable', waitLeft: 35_000, left: 35_000 } as const
  const written = [true, false].map((capped) => recordedDeadlineOf(adoptCall({ ...waits, capped }, 0)[0]))
  expect(written).toEqual([35_000, 35_000])
  // Also where its caller was told nothing yet.
  const placed = { ...record, waitLeft: 36_000, left: 40_000 }
  const kept = [true, false].map((capped) => recordedDeadlineOf(adoptCall({ ...placed, capped }, 0)[0]))
  expect(kept).toEqual([40_000, 40_000])
  const shorter = { ...record, waitLeft: 36_000, left: 36_000 }
  const alike = [true, false].map((capped) => recordedDeadlineOf(adoptCall({ ...shorter, capped }, 0)[0]))
  expect(alike).toEqual([36_000, 36_000])
  // Once it has rung, its caller knows.
  const rings = [asked('a'), acknowledged('a')].reduce(
    (call, event) => reduceCall(call, event, 1_000)[0],
    adoptCall(waits, 0)[0],
  )
  expect(recordedDeadlineOf(rings)).toBe(ringFor)
})

test('PL3.2 a call of which it is found while it waits that its caller is not to learn that it rings ends when it would have', () => {
  const found = { kind: 'found-invisible' } as const
  const [call] = beginCall({ ringFor, waitFor: 20_000 }, 0)
  const [waiting] = reduceCall(call, returned, 5)
  const [trying, asks] = reduceCall(waiting, gained('a'), 5_000)
  expect(asks).toContainEqual({ kind: 'ask', connection: 'a', ringsFor: ringFor })
  const [hidden, effects] = reduceCall(trying, found, 5_001)
  expect([deadlineOf(hidden), effects]).toEqual([20_000, []])
  const [rings] = [asked('a'), returned, acknowledged('a')].reduce<ReturnType<typeof reduceCall>>(
    ([before], event) => reduceCall(before, event, 5_002),
    [hidden, []],
  )
  expect([rings.state, rings.disposition, deadlineOf(rings)]).toEqual(['ringing', 'unreachable', 20_000])
  // One that had rung, as its caller was told, ends when that was to end.
  const [rang] = [asked('a'), returned, acknowledged('a'), lost('a'), found].reduce<
    ReturnType<typeof reduceCall>
  >(([before], event) => reduceCall(before, event, 5_002), [trying, []])
  expect([rang.state, rang.disposition, deadlineOf(rang)]).toEqual(['waiting', 'unreachable', 50_000])
  // Also whoever was told nothing yet is told that nobody can be reached.
  const [unseen] = [found, asked('a'), acknowledged('a')].reduce<ReturnType<typeof reduceCall>>(
    ([before], event) => reduceCall(before, event, 10),
    [call, []],
  )
  expect([unseen.state, unseen.disposition]).toEqual(['ringing', 'unreachable'])
})
