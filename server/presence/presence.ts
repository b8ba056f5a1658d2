import type { ConnectionOrder, ServerMessage } from '../../protocol/connection.ts'
import { believedFor, type Timing } from '../../protocol/timing.ts'
import type { LeasesOf } from '../accounts/leases-of.ts'
import { readSessionEnd } from '../accounts/session-ends.ts'
import type { SessionLifetimes } from '../accounts/session-lifetimes.ts'
import { sessionLifeLeft } from '../accounts/sessions.ts'
import type { Bus } from '../bus/bus.ts'
import { type LegReport, legsSubject } from '../bus/leg-report.ts'
import { type PersonMessage, parsePersonMessage, personSubject } from '../bus/person-message.ts'
import type { CallsOfCallee } from '../calls/calls.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Json } from '../json.ts'
import { answerHeartbeat } from './answer-heartbeat.ts'
import { createConnectedPeople } from './connected-people.ts'
import type { Connection, Identity } from './connection.ts'
import type { SessionCloseReason } from './lease-reducer.ts'
import type { ReachabilityRecord } from './reachability-record.ts'

export interface PresenceDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly bus: Bus
  readonly timing: Timing
  readonly lifetimes: SessionLifetimes
  readonly record: ReachabilityRecord
  /** Whether a call could be written down now. */
  readonly isWritable: () => Promise<boolean>
  readonly calls: CallsOfCallee
}

/** Who is connected here, by which connections, holding which leases. What happens to them comes by the bus. */
export interface Presence {
  /** @returns false when the person has too many devices with a connection already, or the device too many connections. */
  join(connection: Connection): boolean
  /**
   * From now on the connection may hold a lease; an older connection of its device is closed.
   *
   * @returns false when the connection was refused, and told so, since it is not its device's newest (T9).
   */
  welcome(connection: Connection, order: ConnectionOrder, takeOver: boolean): boolean
  leave(connection: Connection): void
  acknowledged(connection: Connection, call: string): void
  /** How many devices hold a lease now. */
  leases(): number
  readonly leasesOf: LeasesOf
  tick(): void
  /** Nothing can be written down: every lease ends, and every device is told. */
  storageLost(): void
  /** The server stops: from now on nobody is welcomed, and no lease granted. */
  stopGranting(): void
  /** Everybody's lease ends, for the record; devices are not told, since their connections are closed. */
  endLeases(): void
}

export function openPresence(dependencies: PresenceDependencies): Presence {
  const { db, clock, bus, timing, lifetimes, record } = dependencies
  /** Whoever owns a call of this person hears of it. */
  const report = (userId: string, what: LegReport) => bus.publish(legsSubject(userId), what)
  // A lease is no promise beyond the session: one that ends before the next lease would has ended.
  const endOf = async (identity: Identity): Promise<SessionCloseReason | undefined> => {
    const left = await sessionLifeLeft(db, lifetimes, identity.sessionId, clock.wall())
    return left >= timing.leaseFor ? undefined : ((await readSessionEnd(db, identity)) ?? 'sessionEnded')
  }
  const people = createConnectedPeople({
    clock,
    record,
    onArrival: (userId) =>
      bus.subscribe(personSubject(userId), async (payload) => {
        await onPersonMessage(userId, payload)
        return undefined
      }),
    report,
  })
  const heartbeats = { ...dependencies, people, endOf }

  const onRing = (userId: string, { call, connection: only }: PersonMessage & { kind: 'ring' }) => {
    for (const { connection, device } of people.live(userId)) {
      if (only !== undefined && connection !== only) continue
      report(userId, { kind: 'asked', call: call.id, connection, device })
      people.connection(userId, connection)?.send({ type: 'ring', call })
    }
  }

  const onOver = (userId: string, message: PersonMessage & { kind: 'over' }) => {
    const { call, outcome, device, room, connection: only } = message
    markStale(userId)
    for (const connection of welcomed(userId)) {
      if (only !== undefined && connection.id !== only) continue
      const here = connection.identity?.device === device
      connection.send({ type: 'over', call, outcome, here, ...(here && room !== null && { room }) })
    }
  }

  const onMissed = (userId: string, { missed, answer, except }: PersonMessage & { kind: 'missed' }) => {
    if (!answer) return tellAll(userId, { type: 'missed', missed }, except)
    const asked = people.connection(userId, answer.connection)
    if (asked?.welcomed) asked.send({ type: 'missed', missed, n: answer.n })
  }

  const tellAll = (userId: string, message: ServerMessage, except?: string) => {
    markStale(userId)
    const frame = JSON.stringify(message)
    for (const connection of welcomed(userId)) if (connection.id !== except) connection.sendFrame(frame)
  }

  const welcomed = (userId: string): Connection[] =>
    people.connections(userId).filter((connection) => connection.welcomed)

  /** A connection that is being welcomed is told of no change: it reads everything again instead. */
  const markStale = (userId: string) => {
    for (const connection of people.connections(userId)) if (!connection.welcomed) connection.stale = true
  }

  const closeEndedSessions = async (userId: string) => {
    for (const connection of people.connections(userId)) {
      const why = connection.identity && (await endOf(connection.identity))
      if (!why) continue
      if (connection.welcomed)
        people.dispatch(userId, { kind: 'session-ended', connection: connection.id, why })
      else connection.close(why)
    }
  }

  const onPersonMessage = async (userId: string, payload: Json): Promise<void> => {
    const message = parsePersonMessage(payload)
    switch (message.kind) {
      case 'ring':
        return onRing(userId, message)
      case 'unanswered':
        people.dispatch(userId, { kind: 'ring-unanswered', connection: message.connection })
        return
      case 'heartbeat':
        return answerHeartbeat(heartbeats, userId, message)
      case 'sessions-changed':
        return closeEndedSessions(userId)
      case 'over':
        return onOver(userId, message)
      case 'account':
        return tellAll(userId, { type: 'account', account: message.account })
      case 'missed':
        return onMissed(userId, message)
    }
  }

  return {
    join: (connection) =>
      connection.identity !== undefined && people.add(connection.identity.userId, connection),
    welcome(connection, order, takeOver) {
      if (!connection.identity) return false
      const { userId, device } = connection.identity
      const effects = people.dispatch(userId, {
        kind: 'opened',
        connection: connection.id,
        device,
        order,
        takeOver,
      })
      connection.welcomed = !effects.some(
        (effect) => effect.kind === 'close' && effect.connection === connection.id,
      )
      return connection.welcomed
    },
    leave(connection) {
      if (connection.identity) people.remove(connection.identity.userId, connection)
    },
    acknowledged({ id: connection, identity }, call) {
      if (!identity || !people.live(identity.userId).some((live) => live.connection === connection)) return
      report(identity.userId, { kind: 'acknowledged', call, connection })
    },
    leases: () => people.userIds().reduce((sum, userId) => sum + people.live(userId).length, 0),
    leasesOf(userId) {
      const now = clock.monotonic()
      const unbelieved = timing.leaseFor - believedFor(timing)
      const left = new Map<string, number>()
      for (const { connection, until } of people.live(userId)) {
        const session = people.connection(userId, connection)?.identity?.sessionId
        if (session !== undefined && until !== null)
          left.set(session, Math.max(0, Math.floor(until - unbelieved - now)))
      }
      return left
    },
    tick: people.tick,
    storageLost() {
      for (const userId of people.userIds()) people.dispatch(userId, { kind: 'storage-lost' })
    },
    stopGranting: people.stopGranting,
    endLeases() {
      for (const userId of people.userIds())
        for (const { id } of people.connections(userId))
          people.dispatch(userId, { kind: 'closed', connection: id })
    },
  }
}
