import type { Gap } from '../../protocol/connection.ts'
import type { LegReport } from '../bus/leg-report.ts'
import type { Clock } from '../clock.ts'
import type { Connection } from './connection.ts'
import { createDeadlines } from './deadlines.ts'
import {
  anyRanOut,
  emptyLeases,
  type HeldConnection,
  isAnyLive,
  isEmpty,
  type LeaseEffect,
  type LeaseEvent,
  type Leases,
  leaseNews,
  liveDevices,
  nextRunOut,
  reduceLeases,
} from './lease-reducer.ts'
import type { ReachabilityRecord } from './reachability-record.ts'
import { renewLease } from './renew-lease.ts'

/** More than a person has; one more is refused. */
const mostDevices = 20
/** A device has one connection, and beside it those of its own that were not yet found to be dead. */
const mostConnectionsOfDevice = 5

interface Person {
  readonly userId: string
  leases: Leases
  /** When it is looked whether a lease ran out, monotonic ms: no later than the first of them does. */
  lookAt: number
  /** Until when somebody is believed to watch them, monotonic ms. */
  watchedUntil: number
  /** Mostly one: a map takes several times the memory. */
  connections: readonly Connection[]
  /** Ends what their first connection began; null while there is no connection, only the memory of one. */
  leave: (() => void) | null
}

/** The people who have a connection here. Their leases change by `dispatch` alone. */
export interface ConnectedPeople {
  /**
   * Reduces an event into a person's leases, and does what follows from it.
   *
   * @param gap is told with the lease by which the person can be reached again.
   */
  dispatch(userId: string, event: LeaseEvent, gap?: Gap): LeaseEffect[]
  /** The person's connections that hold a lease now. */
  live(userId: string): HeldConnection[]
  /** Whether one of them does. */
  isLive(userId: string): boolean
  connections(userId: string): Connection[]
  connection(userId: string, id: string): Connection | undefined
  /** @returns false when the person has too many devices with a connection already, or the device too many connections. */
  add(userId: string, connection: Connection): boolean
  remove(userId: string, connection: Connection): void
  userIds(): string[]
  /** Somebody watches the person, until that moment at least (monotonic ms). */
  markWatched(userId: string, until: number): void
  isWatched(userId: string): boolean
  /** Ends the leases that ran out. */
  tick(): void
  /** From now on no connection is opened to leases, and none is granted. */
  stopGranting(): void
}

export interface ConnectedPeopleDependencies {
  readonly clock: Clock
  readonly record: ReachabilityRecord
  /** Called for a person's first connection. @returns what is called after their last. */
  readonly onArrival: (userId: string) => () => void
  /** Told of each connection that can be rung from now on, or no more: it is gone, or its lease is. */
  readonly report: (userId: string, what: LegReport & { kind: 'lease-gained' | 'lost' | 'replaced' }) => void
  /** Told that a lease of theirs was gained or is over, and, of people who are watched, that one was renewed. */
  readonly onLeases: (userId: string, news: 'changed' | 'renewed') => void
}

const connectionOf = (person: Person | undefined, id: string) =>
  person?.connections.find((connection) => connection.id === id)

/** Connections of the same device do not count against it: one that lost its network comes back before that is noticed. */
function isOneTooMany({ connections }: Person, { identity }: Connection): boolean {
  const devices = connections.map((other) => other.identity?.device)
  const others = devices.filter((device) => device !== identity?.device)
  return new Set(others).size >= mostDevices || devices.length - others.length >= mostConnectionsOfDevice
}

/** Once the server stops a lease would be a promise that nobody keeps: whoever asks for one gets none. */
function reduceStopped(leases: Leases, event: LeaseEvent, now: number): [Leases, LeaseEffect[]] {
  if (event.kind === 'heartbeat') return [leases, []]
  if (event.kind !== 'opened') return reduceLeases(leases, event, now)
  return [leases, [{ kind: 'close', connection: event.connection, why: 'serverStopping' }]]
}

export function createConnectedPeople({
  clock,
  record,
  onArrival,
  report,
  onLeases,
}: ConnectedPeopleDependencies): ConnectedPeople {
  const all = new Map<string, Person>()
  const looks = createDeadlines<Person>(clock.monotonic())
  let granting = true

  const act = (userId: string, person: Person, effect: LeaseEffect, now: number, gap?: Gap) => {
    if (effect.kind === 'unreachable')
      return record.ended(userId, Math.round(clock.wall() - (now - effect.at)))
    const { connection: id } = effect
    const connection = connectionOf(person, id)
    switch (effect.kind) {
      case 'grant': {
        const { n, leaseFor, gained, regained } = effect
        if (regained) record.began(userId, clock.wall())
        if (regained && gap) connection?.send({ type: 'lease', n, leaseFor, gap })
        else connection?.sendLease(n, leaseFor)
        if (gained) report(userId, { kind: 'lease-gained', connection: id })
        return
      }
      case 'refuse':
        return connection?.send({ type: 'no-lease', n: effect.n, why: effect.why })
      case 'outrank':
        return connection?.send({ type: 'outranked', boot: effect.boot, live: effect.live })
      case 'close':
        return connection?.close(effect.why)
    }
  }

  const dispatch = (userId: string, event: LeaseEvent, gap?: Gap): LeaseEffect[] => {
    const person = all.get(userId)
    if (!person) return []
    const now = clock.monotonic()
    if (
      event.kind === 'heartbeat' &&
      granting &&
      person.lookAt > now &&
      renewLease(person.leases, event, now)
    )
      return tellRenewed(person, event, now)
    const before = person.leases
    const [leases, effects] = granting ? reduceLeases(before, event, now) : reduceStopped(before, event, now)
    person.leases = leases
    lookInTime(person)
    reportLost(userId, before, leases, event)
    for (const effect of effects) act(userId, person, effect, now, gap)
    const news = leaseNews(before, leases, effects)
    // A change is told whoever watches: of one that is told of a gain nobody has to wait for the end.
    if (news === 'changed' || (news === 'renewed' && person.watchedUntil > now)) onLeases(userId, news)
    return effects
  }

  const tellRenewed = (
    person: Person,
    { connection: id, n, leaseFor }: LeaseEvent & { kind: 'heartbeat' },
    now: number,
  ): LeaseEffect[] => {
    connectionOf(person, id)?.sendLease(n, leaseFor)
    if (person.watchedUntil > now) onLeases(person.userId, 'renewed')
    return [{ kind: 'grant', connection: id, n, leaseFor, gained: false, regained: false }]
  }

  const reportLost = (userId: string, before: Leases, after: Leases, event: LeaseEvent) => {
    for (const { connection, device, until } of before.connections.values()) {
      const held = after.connections.get(connection)
      if (held && (held.until !== null || until === null)) continue
      const hasSuccessor =
        (event.kind === 'opened' && event.device === device) ||
        (event.kind === 'heartbeat' && event.connection !== connection)
      if (!held && hasSuccessor) report(userId, { kind: 'replaced', connection, by: event.connection })
      else if (!held && event.kind === 'replaced' && event.device === device)
        report(userId, { kind: 'replaced', connection, by: event.by })
      else report(userId, { kind: 'lost', connection })
    }
  }

  /** A lease that is renewed leaves the look where it is: it finds that it came too early, which is less work. */
  const lookInTime = (person: Person) => {
    const at = nextRunOut(person.leases)
    if (at >= person.lookAt) return
    person.lookAt = at
    looks.add(person, at)
  }

  const arrive = (userId: string): Person => {
    const person = all.get(userId) ?? {
      userId,
      leases: emptyLeases,
      lookAt: Number.POSITIVE_INFINITY,
      watchedUntil: Number.NEGATIVE_INFINITY,
      connections: [],
      leave: null,
    }
    person.leave ??= onArrival(userId)
    all.set(userId, person)
    return person
  }

  const forget = (userId: string, person: Person) => {
    if (person.connections.length > 0) return
    person.leave?.()
    person.leave = null
    if (isEmpty(person.leases)) all.delete(userId)
  }

  return {
    dispatch,
    live: (userId) => liveDevices(all.get(userId)?.leases ?? emptyLeases, clock.monotonic()),
    isLive: (userId) => isAnyLive(all.get(userId)?.leases ?? emptyLeases, clock.monotonic()),
    connections: (userId) => [...(all.get(userId)?.connections ?? [])],
    connection: (userId, id) => connectionOf(all.get(userId), id),
    add(userId, connection) {
      const person = arrive(userId)
      if (isOneTooMany(person, connection)) return false
      person.connections = [...person.connections, connection]
      return true
    },
    remove(userId, connection) {
      const person = all.get(userId)
      if (!person?.connections.includes(connection)) return
      dispatch(userId, { kind: 'closed', connection: connection.id })
      person.connections = person.connections.filter((other) => other !== connection)
      forget(userId, person)
    },
    userIds: () => [...all.keys()],
    markWatched(userId, until) {
      const person = all.get(userId)
      if (person) person.watchedUntil = until
    },
    isWatched: (userId) => (all.get(userId)?.watchedUntil ?? 0) > clock.monotonic(),
    tick() {
      const now = clock.monotonic()
      for (const person of looks.due(now)) {
        // One that is gone, or has been looked at since it was put there.
        if (all.get(person.userId) !== person || person.lookAt > now) continue
        person.lookAt = Number.POSITIVE_INFINITY
        if (!anyRanOut(person.leases, now)) lookInTime(person)
        else {
          dispatch(person.userId, { kind: 'tick' })
          forget(person.userId, person)
        }
      }
    },
    stopGranting() {
      granting = false
    },
  }
}
