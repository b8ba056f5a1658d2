import type { CloseReason, SessionEndReason } from '../../protocol/close-codes.ts'
import type { ConnectionOrder, NoLeaseReason } from '../../protocol/connection.ts'

/**
 * One person's connections and the leases that they hold, as a value: the part of presence that decides. It
 * knows no clock, socket or database; `now`, `arrived` and `until` are milliseconds of one monotonic
 * clock. Nobody may be rung, and nothing may be called reachable, but by what is in here.
 */
export interface Leases {
  /** By connection, in the order in which they were welcomed. */
  readonly connections: ReadonlyMap<string, HeldConnection>
  /** By device: its newest connection so far (T9), remembered for a while after that is gone. */
  readonly newest: ReadonlyMap<string, NewestConnection>
}

interface NewestConnection {
  readonly order: ConnectionOrder
  /** Since when the device has no connection; null while it has one. */
  readonly goneSince: number | null
  /** It is at another node, where it gained a lease. */
  readonly elsewhere?: true
}

/** A hello of an older connection that is still on its way comes within this time of the newer connection's end, in ms. */
export const stragglesFor = 60_000

export interface HeldConnection {
  readonly connection: string
  readonly device: string
  /** The last heartbeat that was answered, so that a lease can be taken back by its number. */
  readonly n: number | null
  /** When the lease ends; null while there is none. */
  readonly until: number | null
}

/** As which a connection is closed whose session is over. */
export type SessionCloseReason = 'sessionEnded' | SessionEndReason

export type LeaseEvent =
  /**
   * A sound hello came. An older connection of the same device is over with it, or, where that holds a lease, with this
   * one's first lease; where a newer one was before, or one that holds a lease is not to be taken over, this one is
   * refused (T9).
   */
  | {
      readonly kind: 'opened'
      readonly connection: string
      readonly device: string
      readonly order: ConnectionOrder
      readonly takeOver: boolean
    }
  /** A heartbeat came through the bus to its connection, its session holds and calls can be kept. */
  | {
      readonly kind: 'heartbeat'
      readonly connection: string
      readonly n: number
      readonly arrived: number
      readonly leaseFor: number
    }
  /** A heartbeat came, but a call could not be written down now, or would not find its way here. */
  | {
      readonly kind: 'heartbeat-refused'
      readonly connection: string
      readonly n: number
      /** `storage` unless said. */
      readonly cause?: NoLeaseReason
    }
  | { readonly kind: 'session-ended'; readonly connection: string; readonly why: SessionCloseReason }
  /** A ring was sent and not acknowledged in time (T4.2): what this connection promised was not so. */
  | { readonly kind: 'ring-unanswered'; readonly connection: string }
  /** A connection of the device at another node has gained a lease: older ones are over with it (T9). */
  | {
      readonly kind: 'replaced'
      readonly device: string
      readonly by: string
      readonly order: ConnectionOrder
    }
  /** The database took no write: no lease is worth anything. */
  | { readonly kind: 'storage-lost' }
  /** The bus carries nothing: no ring would come. */
  | { readonly kind: 'routing-lost' }
  | { readonly kind: 'closed'; readonly connection: string }
  /** Only time has passed. */
  | { readonly kind: 'tick' }

export type LeaseEffect =
  | {
      readonly kind: 'grant'
      readonly connection: string
      readonly n: number
      readonly leaseFor: number
      /** The connection had no lease just before: what rings now has to be rung on it. */
      readonly gained: boolean
      /** The person had no lease anywhere just before. */
      readonly regained: boolean
    }
  | {
      readonly kind: 'refuse'
      readonly connection: string
      readonly n: number
      readonly why: NoLeaseReason
    }
  /** The connection is not, or no longer, its device's: told before it is closed. */
  | { readonly kind: 'outrank'; readonly connection: string; readonly boot: number; readonly live: boolean }
  | { readonly kind: 'close'; readonly connection: string; readonly why: CloseReason }
  /** The person's last lease ended, at that moment. */
  | { readonly kind: 'unreachable'; readonly at: number }

export const emptyLeases: Leases = { connections: new Map(), newest: new Map() }

const isLive = ({ until }: HeldConnection, now: number) => until !== null && until > now

/** The connections that hold a lease now, one a device. */
export const liveDevices = ({ connections }: Leases, now: number): HeldConnection[] =>
  [...connections.values()].filter((held) => isLive(held, now))

/** Whether there are any. */
export const isAnyLive = ({ connections }: Leases, now: number): boolean =>
  connections.values().some((held) => isLive(held, now))

/** When the next of what is held or remembered runs out; infinite where nothing does. */
export function nextRunOut({ connections, newest }: Leases): number {
  let next = Number.POSITIVE_INFINITY
  for (const { until } of connections.values()) if (until !== null) next = Math.min(next, until)
  for (const { goneSince } of newest.values())
    if (goneSince !== null) next = Math.min(next, goneSince + stragglesFor)
  return next
}

/** Whether something ran out by `now` and has not been ended yet. */
export const anyRanOut = (leases: Leases, now: number): boolean => nextRunOut(leases) <= now

/** What an event has made of the leases, to whoever watches the person: `changed` where one was gained or is over. */
export function leaseNews(
  before: Leases,
  after: Leases,
  effects: readonly LeaseEffect[],
): 'changed' | 'renewed' | null {
  for (const { connection, until } of before.connections.values())
    if (until !== null && (after.connections.get(connection)?.until ?? null) === null) return 'changed'
  for (const effect of effects) if (effect.kind === 'grant') return effect.gained ? 'changed' : 'renewed'
  return null
}

/** Whether nothing of the person is left to be known. */
export const isEmpty = ({ connections, newest }: Leases): boolean =>
  connections.size === 0 && newest.size === 0

const isForgotten = (goneSince: number | null, now: number) =>
  goneSince !== null && goneSince + stragglesFor <= now

/** Negative when `a` comes before `b`. */
export const compareOrders = (a: ConnectionOrder, b: ConnectionOrder) => a.boot - b.boot || a.n - b.n

/** The leases while an event changes them. */
interface Draft {
  readonly connections: Map<string, HeldConnection>
  readonly newest: Map<string, NewestConnection>
}

/**
 * What an event makes of the leases. Leases that ran out by `now` are ended first, so an event never
 * meets one that is over. Events of connections that are not (or no longer) here change nothing.
 */
export function reduceLeases(leases: Leases, event: LeaseEvent, now: number): [Leases, LeaseEffect[]] {
  const next: Draft = { connections: new Map(leases.connections), newest: new Map(leases.newest) }
  const effects = [...expire(next, now)]
  const heldBefore = holdsAny(next)
  effects.push(...apply(next, event, now, heldBefore))
  if (heldBefore && !holdsAny(next)) effects.push({ kind: 'unreachable', at: now })
  return [next, effects]
}

function expire({ connections, newest }: Draft, now: number): LeaseEffect[] {
  for (const [device, { goneSince }] of newest) if (isForgotten(goneSince, now)) newest.delete(device)
  let last: number | undefined
  for (const held of connections.values())
    if (held.until !== null && held.until <= now) {
      connections.set(held.connection, { ...held, until: null })
      last = Math.max(last ?? held.until, held.until)
    }
  return last === undefined || holdsAny({ connections }) ? [] : [{ kind: 'unreachable', at: last }]
}

function apply(draft: Draft, event: LeaseEvent, now: number, heldBefore: boolean): LeaseEffect[] {
  const { connections, newest } = draft
  switch (event.kind) {
    case 'tick':
      return []
    case 'opened': {
      const { connection, device, order, takeOver } = event
      const older = [...connections.values()].filter((held) => held.device === device)
      const live = older.some((held) => held.until !== null)
      const known = newest.get(device)
      if (known && (compareOrders(order, known.order) <= 0 || (live && !takeOver)))
        return [
          { kind: 'outrank', connection, boot: known.order.boot, live: live || known.elsewhere === true },
          { kind: 'close', connection, why: 'superseded' },
        ]
      connections.set(connection, { connection, device, n: null, until: null })
      newest.set(device, { order, goneSince: null })
      const idle = older.filter((held) => held.until === null)
      return replace(draft, idle, { boot: order.boot, live: false })
    }
    case 'heartbeat': {
      const held = connections.get(event.connection)
      const until = Math.max(held?.until ?? 0, event.arrived + event.leaseFor)
      if (!held || until <= now) return []
      const { connection, n, leaseFor } = event
      connections.set(connection, { ...held, n, until })
      const gained = held.until === null
      const boot = newest.get(held.device)?.order.boot ?? 0
      return [
        // First, so that a device with two connections hears of the one before it hears the end of the other.
        { kind: 'grant', connection, n, leaseFor, gained, regained: !heldBefore },
        ...replace(draft, welcomedBefore(draft, held), { boot, live: true }),
      ]
    }
    case 'heartbeat-refused': {
      const held = connections.get(event.connection)
      if (!held) return []
      connections.set(event.connection, { ...held, n: event.n, until: null })
      return [{ kind: 'refuse', connection: event.connection, n: event.n, why: event.cause ?? 'storage' }]
    }
    case 'storage-lost':
    case 'routing-lost': {
      const why = event.kind === 'storage-lost' ? 'storage' : 'routing'
      const lost = [...connections.values()].filter((held) => held.until !== null)
      for (const held of lost) connections.set(held.connection, { ...held, until: null })
      return lost.map((held) => ({ kind: 'refuse', connection: held.connection, n: held.n ?? 0, why }))
    }
    case 'replaced': {
      const { device, order } = event
      const known = newest.get(device)
      // Where nothing is known yet an older one may be about to be welcomed.
      if (known && compareOrders(order, known.order) <= 0) return []
      newest.set(device, { order, goneSince: now, elsewhere: true })
      const older = [...connections.values()].filter((held) => held.device === device)
      return replace(draft, older, { boot: order.boot, live: true })
    }
    case 'session-ended':
      return end(draft, event.connection, now)
        ? [{ kind: 'close', connection: event.connection, why: event.why }]
        : []
    case 'ring-unanswered':
      return end(draft, event.connection, now)
        ? [{ kind: 'close', connection: event.connection, why: 'ringUnanswered' }]
        : []
    case 'closed':
      end(draft, event.connection, now)
      return []
  }
}

/** The other connections of the same device that were there before this one. */
function welcomedBefore({ connections }: Draft, { connection, device }: HeldConnection): HeldConnection[] {
  const all = [...connections.values()].filter((held) => held.device === device)
  return all.slice(
    0,
    all.findIndex((held) => held.connection === connection),
  )
}

/** Ends connections in whose place a newer one has come, of a worker with this boot number. */
function replace(
  { connections }: Draft,
  older: readonly HeldConnection[],
  by: { readonly boot: number; readonly live: boolean },
): LeaseEffect[] {
  for (const { connection } of older) connections.delete(connection)
  return older.flatMap(({ connection }): LeaseEffect[] => [
    { kind: 'outrank', connection, ...by },
    { kind: 'close', connection, why: 'replaced' },
  ])
}

/** @returns whether the connection was here. */
function end({ connections, newest }: Draft, connection: string, now: number): boolean {
  const held = connections.get(connection)
  connections.delete(connection)
  const known = held && newest.get(held.device)
  const isLast = ![...connections.values()].some(({ device }) => device === held?.device)
  if (known && isLast) newest.set(held.device, { ...known, goneSince: now })
  return held !== undefined
}

const holdsAny = ({ connections }: Pick<Draft, 'connections'>) =>
  [...connections.values()].some((held) => held.until !== null)
