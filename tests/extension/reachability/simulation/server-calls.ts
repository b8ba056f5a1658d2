import type { DeviceMessage, MissedCall, ServerMessage } from '../../../../protocol/connection.ts'
import { ringFor } from '../../../../protocol/timing.ts'
import {
  type ActiveCall,
  type ActiveCallEffect,
  type ActiveCallEvent,
  adoptCall,
  beginCall,
  type CallEnd,
  type CallState,
  type Disposition,
  deadlineOf,
  isOver,
  recordedDeadlineOf,
  reduceCall,
} from '../../../../server/calls/active-call-reducer.ts'
import type { EventQueue } from './event-queue.ts'

/** A call as its record and its caller have it. */
export interface PlacedCall {
  readonly id: string
  /** What the server last told the caller. */
  heard: CallState
  /** The caller was told once that it rings. */
  rang: boolean
  /** As it is in the record; null while the call is not over. */
  end: CallEnd | null
  /** The server's own object; null when it is over, or the server that had it is gone. */
  active: ActiveCall | null
  /** The monotonic clock of the server at which nothing can keep the call any more. */
  readonly overBy: number
  /** As another server finds it while it is not over; times by the clock of the server. */
  row: {
    readonly disposition: Disposition | null
    readonly rung: boolean
    readonly waitUntil: number
    readonly deadline: number
  }
}

export interface ServerCalls {
  readonly place: (waitFor: number) => void
  readonly hangUp: () => void
  readonly placed: () => readonly PlacedCall[]
  /** What a device says of a call, by a connection that was welcomed. */
  readonly heard: (connection: string, device: string, message: DeviceMessage) => void
  /** A connection can ring no more; `by` is the one that came in its place. */
  readonly lost: (connection: string, by: string | null) => void
  readonly leaseGained: (connection: string) => void
  readonly ringing: () => string[]
  readonly missed: () => MissedCall[]
  /** Ends the call in the record, where the node that drives it is not there to do so. */
  readonly endOnRecord: (connection: string, device: string, message: DeviceMessage) => void
  /** Nobody drives the calls any more. */
  readonly crashed: () => void
  readonly restarted: () => void
  /** Another node drives the calls from now on. */
  readonly adopted: () => void
  readonly nodeLost: (node: string) => void
  readonly busLost: () => void
  readonly busReturned: () => void
}

export interface ServerCallsDependencies {
  readonly clock: () => number
  readonly rate: number
  readonly random: () => number
  /** One of several, or that could be: what the record does not say another may write. */
  readonly isNode: boolean
  readonly isUp: () => boolean
  readonly whenAwake: (act: () => void) => void
  readonly canWrite: () => boolean
  /** The connections that hold a lease, with their devices. */
  readonly live: () => readonly {
    readonly connection: string
    readonly device: string
    readonly node: string
  }[]
  /** Every connection that was welcomed. */
  readonly connections: () => readonly { readonly connection: string; readonly device: string }[]
  readonly say: (connection: string, message: ServerMessage) => void
  readonly ringUnanswered: (connection: string) => void
  /** Devices are told that a call is over. */
  readonly over: (call: string) => void
}

/** The shared tick comes this often, and a write takes this long at most, in milliseconds. */
const sweepEvery = 100
const writeWithin = 50

/** The server's calls: the real active-call reducer, a record that can fail, and the callers. */
export function createServerCalls(queue: EventQueue, dependencies: ServerCallsDependencies): ServerCalls {
  const calls = new Map<string, PlacedCall>()
  /** Counts starts of the server, so that what one had begun the next does not finish. */
  let start = 0

  const later = (delay: number, act: () => void) => {
    const begun = start
    queue.at(queue.now() + delay, () =>
      dependencies.whenAwake(() => begun === start && dependencies.isUp() && act()),
    )
  }

  function dispatch(call: PlacedCall, event: ActiveCallEvent): void {
    if (!call.active) return
    const [next, effects] = reduceCall(call.active, event, dependencies.clock())
    call.active = next
    for (const effect of effects) carryOut(call, effect)
    if (isOver(next)) call.active = null
    else lookAt(call)
  }

  /** The tick finds every deadline, a little late. */
  function lookAt(call: PlacedCall): void {
    const { active } = call
    if (!active) return
    const asked = [...active.legs.values()].filter(({ state }) => state === 'asked')
    const due = [deadlineOf(active), ...asked.map(({ askedAt }) => askedAt + 3_000)]
    if (active.retryAt !== null) due.push(active.retryAt)
    const now = dependencies.clock()
    const next = Math.min(...due.filter((moment) => moment > now))
    if (Number.isFinite(next))
      later((next - now) / dependencies.rate + dependencies.random() * sweepEvery, () =>
        dispatch(call, { kind: 'tick' }),
      )
  }

  function carryOut(call: PlacedCall, effect: ActiveCallEffect): void {
    switch (effect.kind) {
      case 'ask':
        later(0, () => ask(call, effect.connection, effect.ringsFor))
        return
      case 'unanswered':
        later(0, () => dependencies.ringUnanswered(effect.connection))
        return
      case 'changed':
        if (call.active) call.heard = call.active.state
        call.rang ||= call.heard === 'ringing'
        if (call.active && dependencies.canWrite())
          call.row = {
            ...call.row,
            disposition: call.active.disposition,
            rung: call.active.rung,
            deadline: recordedDeadlineOf(call.active),
          }
        return
      case 'end':
        later(dependencies.random() * writeWithin, () => {
          if (!dependencies.canWrite()) return dispatch(call, { kind: 'unwritten' })
          call.end ??= effect.end
          dispatch(call, { kind: 'ended', end: call.end })
        })
        return
      case 'silence':
        if (!dependencies.isNode) tellAll(call.id, { outcome: 'missed', why: null, device: null })
        return
      case 'over':
        call.heard = effect.end.outcome
        tellAll(call.id, effect.end)
        return
      default:
        effect satisfies never
    }
  }

  function adopt(call: PlacedCall): void {
    const now = dependencies.clock()
    const { disposition, rung, waitUntil, deadline } = call.row
    const times = { ringFor, waitLeft: waitUntil - now, left: deadline - now }
    const [active, effects] = adoptCall({ disposition, rung, ...times }, now)
    call.active = active
    for (const effect of effects) carryOut(call, effect)
    lookAt(call)
  }

  function ask(call: PlacedCall, only: string | null, ringsFor: number): void {
    for (const { connection, device, node } of dependencies.live()) {
      if (only !== null && only !== connection) continue
      dispatch(call, { kind: 'asked', connection, device, node })
      dependencies.say(connection, { type: 'ring', call: { id: call.id, from: 'Dr Bell', at: 0, ringsFor } })
    }
    dispatch(call, { kind: 'ask-returned' })
  }

  function tellAll(id: string, end: CallEnd): void {
    dependencies.over(id)
    for (const { connection, device } of dependencies.connections()) tellOver(connection, device, id, end)
    if (end.outcome === 'missed' || end.outcome === 'cancelled')
      for (const { connection } of dependencies.connections())
        dependencies.say(connection, { type: 'missed', missed: missed() })
  }

  function tellOver(connection: string, device: string, id: string, { outcome, device: by }: CallEnd): void {
    const here = by === device
    const room = outcome === 'answered' && here ? { room: `https://r.example/${id}` } : {}
    dependencies.say(connection, { type: 'over', call: id, outcome, here, ...room })
  }

  const toAll = (event: ActiveCallEvent) => {
    for (const call of calls.values()) dispatch(call, event)
  }

  const missed = (): MissedCall[] =>
    [...calls.values()].flatMap(({ id, end }) =>
      end?.outcome === 'missed' || end?.outcome === 'cancelled'
        ? [{ id, from: 'Dr Bell', at: 0, why: end.why ?? 'no-answer' }]
        : [],
    )

  return {
    place: (waitFor) => {
      if (!dependencies.isUp() || !dependencies.canWrite()) return
      const now = dependencies.clock()
      const [active, effects] = beginCall({ ringFor, waitFor }, now)
      const id = `c${calls.size}`
      const overBy = now + Math.max(ringFor, waitFor + ringFor)
      const row = { disposition: null, rung: false, waitUntil: now + waitFor, deadline: deadlineOf(active) }
      const call: PlacedCall = { id, heard: active.state, rang: false, end: null, active, overBy, row }
      calls.set(id, call)
      for (const effect of effects) carryOut(call, effect)
      lookAt(call)
    },
    hangUp: () =>
      dependencies.whenAwake(() => {
        const call = [...calls.values()].find(({ active }) => active)
        if (call) dispatch(call, { kind: 'cancelled' })
      }),
    placed: () => [...calls.values()],
    heard: (connection, device, message) => {
      if (message.type !== 'rings' && message.type !== 'answer' && message.type !== 'decline') return
      const call = calls.get(message.call)
      if (!call) return
      if (message.type === 'rings') {
        if (dependencies.live().some((live) => live.connection === connection))
          dispatch(call, { kind: 'acknowledged', connection })
      } else if (call.active)
        dispatch(call, { kind: message.type === 'answer' ? 'answered' : 'declined', device })
      else if (call.end) tellOver(connection, device, call.id, call.end)
    },
    lost: (connection, by) =>
      toAll(by === null ? { kind: 'lost', connection } : { kind: 'replaced', connection, by }),
    leaseGained: (connection) => toAll({ kind: 'lease-gained', connection }),
    ringing: () => [...calls.values()].flatMap(({ id, active }) => (active ? [id] : [])),
    missed,
    crashed: () => {
      start += 1
      for (const call of calls.values()) call.active = null
    },
    adopted: () => {
      for (const call of calls.values()) if (!call.end) adopt(call)
    },
    nodeLost: (node) => toAll({ kind: 'node-lost', node }),
    busLost: () => toAll({ kind: 'bus-lost' }),
    busReturned: () => toAll({ kind: 'bus-returned' }),
    endOnRecord: (connection, device, message) => {
      if (message.type !== 'answer' && message.type !== 'decline') return
      const call = calls.get(message.call)
      if (!call || !dependencies.canWrite()) return
      if (call.end) {
        tellOver(connection, device, call.id, call.end)
        return
      }
      const outcome = message.type === 'answer' ? 'answered' : 'declined'
      const end = { outcome, why: null, device } as const
      call.end = end
      call.heard = outcome
      dependencies.whenAwake(() => dispatch(call, { kind: 'ended', end }))
      tellAll(call.id, end)
    },
    restarted: () => {
      // What the server before left is put right before anybody can ask; a node of several takes it over instead.
      for (const call of calls.values()) {
        if (call.end) continue
        if (dependencies.isNode) {
          adopt(call)
          continue
        }
        call.end = { outcome: 'missed', why: 'server-restarted', device: null }
        call.heard = 'missed'
      }
    },
  }
}
