import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Mark,
  type MissedEvent,
  type MissedState,
  noneMissed,
  reduceMissed,
  sayMarks,
  viewOf,
  waitToSay,
} from '../../../entrypoints/background/calls/missed-calls.ts'
import type { DeviceMessage, MissedCall } from '../../../protocol/connection.ts'

/** `TRUTH_SCHEDULES=1000000 npx vitest run missed-calls-property` lives through more. */
const numRuns = Number(process.env.TRUTH_SCHEDULES ?? 2_000)

type Said = Extract<DeviceMessage, { type: Mark }>
type Listed = Extract<MissedEvent, { type: 'listed' }>

/**
 * Ann's device, with the reducer as it is, and a server that is slow, loses connections with all that is on its way, and
 * now and then fails to write. Another device of hers may mark too.
 */
function device() {
  const server = { calls: new Map<string, { call: MissedCall; seen: boolean }>(), fails: 0 }
  let state: MissedState = noneMissed
  let time = 0
  let connection = 0
  let connected = false
  let toServer: Said[] = []
  let toDevice: Listed[] = []
  /** When messages left, since the connection was made. */
  let left: number[] = []
  /** How many of them in 10 s, at most. */
  let mostWithin = 0
  const now = () => ({ mono: time, wall: 1_000_000 + time })
  /** What the person said last of each call, here or there; null once somebody else said something too. */
  const wishes = new Map<string, Mark>()
  /** What was ever marked as seen by anybody. */
  const pressed = new Set<string>()
  const told = new Set<string>()

  function dispatch(event: MissedEvent): void {
    state = reduceMissed(state, event, now())
    say()
  }

  function say(): void {
    const [next, messages] = sayMarks(state, now())
    state = next
    for (const message of messages) {
      if (!connected) continue
      left = [...left.filter((at) => at > time - 10_000), time]
      mostWithin = Math.max(mostWithin, left.length)
      toServer.push(message as Said)
    }
  }

  function unseen(): MissedCall[] {
    return [...server.calls.values()]
      .filter(({ seen }) => !seen)
      .map(({ call }) => call)
      .toSorted((a, b) => b.at - a.at)
  }

  function list(n?: number): void {
    if (connected) toDevice.push({ type: 'listed', missed: unseen(), n })
  }

  function write(ids: readonly string[], mark: Mark): boolean {
    let changed = false
    for (const id of ids) {
      const one = server.calls.get(id)
      if (!one || one.seen === (mark === 'seen')) continue
      one.seen = mark === 'seen'
      changed = true
    }
    return changed
  }

  const acts = {
    arrive: () => {
      const id = `c${server.calls.size}`
      const call: MissedCall = { id, from: 'Clinic', at: 1 + (server.calls.size >> 1), why: 'no-answer' }
      server.calls.set(id, { call, seen: false })
      list()
    },
    serverHears: () => {
      const said = toServer.shift()
      if (!said) return
      if (server.fails > 0) server.fails -= 1
      else {
        write(said.calls, said.type)
        list(said.n)
      }
    },
    deviceHears: () => {
      const heard = toDevice.shift()
      if (!heard) return
      for (const { id } of heard.missed) told.add(id)
      dispatch(heard)
    },
    serverFails: () => {
      server.fails += 1
    },
    lose: () => {
      connected = false
      toServer = []
      toDevice = []
    },
    connect: () => {
      acts.lose()
      connected = true
      connection += 1
      left = []
      for (const { id } of unseen()) told.add(id)
      dispatch({ type: 'welcomed', account: 'ann', missed: unseen(), takesBack: true })
    },
    lease: () => {
      if (connected) dispatch({ type: 'leased', connection })
    },
    markAll: () => {
      const ids = viewOf(state).missed.map(({ id }) => id)
      mark(ids, 'seen')
    },
    markNewest: () =>
      mark(
        viewOf(state)
          .missed.slice(0, 1)
          .map(({ id }) => id),
        'seen',
      ),
    undo: () =>
      mark(
        (viewOf(state).seen?.calls ?? []).map(({ id }) => id),
        'unseen',
      ),
    undoOldest: () =>
      mark(
        (viewOf(state).seen?.calls ?? []).slice(-1).map(({ id }) => id),
        'unseen',
      ),
    /** The worker dies, and the next takes up what it kept. */
    die: () => {
      acts.lose()
      const { content, marks } = state
      state = { ...noneMissed, ...structuredClone({ content, marks }) }
    },
    wait: (milliseconds: number) => {
      const until = time + milliseconds
      for (;;) {
        const wait = waitToSay(state, now())
        if (wait === null || time + wait > until) break
        time += wait
        say()
      }
      time = until
    },
    /** Another device of hers. */
    elsewhere: (as: Mark) => {
      const ids = [...server.calls.values()]
        .filter(({ seen }) => seen !== (as === 'seen'))
        .map(({ call }) => call.id)
      if (as === 'seen') for (const id of ids) pressed.add(id)
      if (write(ids, as)) list()
    },
  }

  function mark(ids: readonly string[], as: Mark): void {
    for (const id of ids) {
      wishes.set(id, as)
      if (as === 'seen') pressed.add(id)
    }
    dispatch({ type: 'marked', calls: ids, as })
  }

  /** Until nothing is on its way any more. */
  function settle(): void {
    server.fails = 0
    if (!connected) acts.connect()
    for (let round = 0; round < 6; round += 1) {
      acts.lease()
      acts.wait(10_000)
      while (toServer.length > 0) acts.serverHears()
      while (toDevice.length > 0) acts.deviceHears()
    }
  }

  return {
    acts,
    settle,
    view: () => viewOf(state),
    marksLeft: () => state.marks,
    server,
    wishes,
    pressed,
    told,
    mostWithin: () => mostWithin,
  }
}

type Device = ReturnType<typeof device>

const doing = (names: readonly (keyof Device['acts'])[]) =>
  fc.constantFrom(...names).map((name) => (one: Device) => (one.acts[name] as () => void)())
const waiting = fc.constantFrom(10, 500, 2_000, 9_000).map((time) => (one: Device) => one.acts.wait(time))

const alone = fc.oneof(
  { weight: 6, arbitrary: doing(['arrive', 'markAll', 'markNewest', 'undo', 'undoOldest']) },
  { weight: 6, arbitrary: doing(['serverHears', 'serverHears', 'deviceHears', 'deviceHears', 'lease']) },
  { weight: 1, arbitrary: doing(['serverFails', 'lose', 'connect', 'connect', 'die']) },
  { weight: 2, arbitrary: waiting },
)
const elsewhere = fc.constantFrom<Mark>('seen', 'unseen').map((as) => (one: Device) => one.acts.elsewhere(as))

const ids = (calls: readonly MissedCall[] | undefined) => (calls ?? []).map(({ id }) => id)

/** What is wrong at any moment; expectations would take too long for a million schedules. */
function faultOf(one: Device): string | undefined {
  const { missed, seen } = one.view()
  const shown = [...ids(missed), ...ids(seen?.calls)]
  if (new Set(shown).size !== shown.length) return 'a call is shown twice'
  for (const [id, { seen: marked }] of one.server.calls)
    if (marked && !one.pressed.has(id)) return `${id} was marked, and nobody did`
  for (const list of [missed, seen?.calls ?? []])
    if (list.some(({ at }, index) => at > (list[index - 1]?.at ?? at))) return 'not newest first'
  return one.mostWithin() > 12 ? `${one.mostWithin()} messages in 10 s` : undefined
}

/** What else is wrong where nobody but this device marks: each call is where the person put it, without fail. */
function ownFaultOf(one: Device): string | undefined {
  const open = new Set(ids(one.view().missed))
  for (const id of one.told)
    if (open.has(id) === (one.wishes.get(id) === 'seen')) return `${id} is not where it was put`
  return undefined
}

const schedules = (act: fc.Arbitrary<(one: Device) => void>) => fc.array(act, { maxLength: 60 })

test('P8.7 P8.4 in any schedule of presses, late calls, lost connections and dead workers nothing is lost, doubled or marked unasked', () => {
  fc.assert(
    fc.property(schedules(alone), (schedule) => {
      const one = device()
      one.acts.connect()
      for (const act of schedule) {
        act(one)
        const fault = faultOf(one) ?? ownFaultOf(one)
        if (fault !== undefined) throw new Error(fault)
      }
      one.settle()
      const marked = [...one.server.calls].map(([id, { seen }]) => [id, seen])
      expect(marked).toEqual(marked.map(([id]) => [id, one.wishes.get(String(id)) === 'seen']))
      expect([faultOf(one), ownFaultOf(one), one.marksLeft()]).toEqual([undefined, undefined, []])
    }),
    { numRuns },
  )
}, 600_000)

test('P8.7 C4.1 whatever another device marks meanwhile, the device shows in the end what the server has', () => {
  const both = fc.oneof({ weight: 8, arbitrary: alone }, { weight: 1, arbitrary: elsewhere })
  fc.assert(
    fc.property(schedules(both), (schedule) => {
      const one = device()
      one.acts.connect()
      for (const act of schedule) {
        act(one)
        const fault = faultOf(one)
        if (fault !== undefined) throw new Error(fault)
      }
      one.settle()
      const unseen = [...one.server.calls].filter(([, { seen }]) => !seen).map(([id]) => id)
      expect(ids(one.view().missed).toSorted()).toEqual(unseen.toSorted())
      expect([faultOf(one), one.marksLeft()]).toEqual([undefined, []])
    }),
    { numRuns },
  )
}, 600_000)
