import type { ConnectionOrder } from '../../protocol/connection.ts'
import type { Timing } from '../../protocol/timing.ts'
import type { SessionLifetimes } from '../accounts/session-lifetimes.ts'
import { sessionHolds } from '../accounts/sessions.ts'
import type { Bus, Json } from '../bus/bus.ts'
import { type LegReport, legsSubject } from '../bus/leg-report.ts'
import { type PersonMessage, parsePersonMessage, personSubject } from '../bus/person-message.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Connection } from './connection.ts'
import { people } from './people.ts'
import { gapToTell, type ReachabilityRecord } from './reachability-record.ts'

export interface PresenceDependencies {
  readonly db: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly timing: Timing
  readonly lifetimes: SessionLifetimes
  readonly record: ReachabilityRecord
  readonly isWritable: () => Promise<boolean>
  readonly countMissed: (userId: string, from: number, until: number) => Promise<number>
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
  tick(): void
  /** Nothing can be written down: every lease ends, and every device is told. */
  storageLost(): void
  /** Everybody's lease ends, for the record. */
  stop(): void
}

export function presence(dependencies: PresenceDependencies): Presence {
  const { db, bus, clock, timing, record } = dependencies
  /** Whoever owns a call of this person hears of it. */
  const report = (userId: string, what: LegReport) => bus.publish(legsSubject(userId), what)
  const all = people({
    clock,
    record,
    onArrival: (userId) => bus.subscribe(personSubject(userId), (payload) => hear(userId, payload)),
    onLost: (userId, connection) => report(userId, { kind: 'lost', connection }),
    onReplaced: (userId, connection, by) => report(userId, { kind: 'replaced', connection, by }),
  })

  const onHeartbeat = async (
    userId: string,
    { connection: id, n, arrived }: PersonMessage & { kind: 'heartbeat' },
  ) => {
    const connection = all.connection(userId, id)
    if (!connection?.identity) return
    if (!(await sessionHolds(db, dependencies.lifetimes, connection.identity.sessionId, clock.wall()))) {
      all.happen(userId, { kind: 'session-ended', connection: id })
      return
    }
    // Asked before the gap, which is to tell of what this finds out, and after it, since only the last counts.
    const gap = (await dependencies.isWritable()) ? await gapOf(userId) : undefined
    if (!(await dependencies.isWritable())) {
      all.happen(userId, { kind: 'heartbeat-in-vain', connection: id, n })
      return
    }
    for (const effect of all.happen(userId, {
      kind: 'heartbeat',
      connection: id,
      n,
      arrived,
      leaseFor: timing.leaseFor,
    })) {
      if (effect.kind !== 'grant') continue
      connection.send({ type: 'lease', n, leaseFor: effect.leaseFor, ...(effect.regained && gap && { gap }) })
      if (effect.gained) report(userId, { kind: 'lease-gained', connection: id })
    }
  }

  const gapOf = async (userId: string) => {
    if (all.live(userId).length > 0) return undefined
    const from = await record.unreachableSince(userId)
    const until = clock.wall()
    if (from === undefined) return undefined
    const missed = await dependencies.countMissed(userId, from, until)
    return gapToTell({ from, until, missed, recorded: await record.recorded(from, until) })
  }

  const onRing = (userId: string, { call, only }: PersonMessage & { kind: 'ring' }) => {
    for (const { connection, device } of all.live(userId)) {
      if (only !== undefined && connection !== only) continue
      report(userId, { kind: 'asked', call: call.id, connection: connection, device })
      all.connection(userId, connection)?.send({ type: 'ring', call })
    }
  }

  const onOver = (userId: string, message: PersonMessage & { kind: 'over' }) => {
    const { call, outcome, device, room, only } = message
    for (const connection of told(userId)) {
      if (only !== undefined && connection.id !== only) continue
      const here = connection.identity?.device === device
      connection.send({ type: 'over', call, outcome, here, ...(here && room !== null && { room }) })
    }
  }

  /** The connections that are told of a change. One that is being welcomed reads everything again instead. */
  const told = (userId: string): Connection[] => {
    const connections = all.connections(userId)
    for (const connection of connections) if (!connection.welcomed) connection.stale = true
    return connections.filter((connection) => connection.welcomed)
  }

  const recheck = async (userId: string) => {
    for (const connection of all.connections(userId)) {
      if (
        !connection.identity ||
        (await sessionHolds(db, dependencies.lifetimes, connection.identity.sessionId, clock.wall()))
      )
        continue
      if (connection.welcomed) all.happen(userId, { kind: 'session-ended', connection: connection.id })
      else connection.close('sessionEnded')
    }
  }

  const hear = async (userId: string, payload: Json): Promise<Json | undefined> => {
    const message = parsePersonMessage(payload)
    switch (message.kind) {
      case 'ring':
        onRing(userId, message)
        return undefined
      case 'unanswered':
        all.happen(userId, { kind: 'ring-unanswered', connection: message.connection })
        return undefined
      case 'heartbeat':
        await onHeartbeat(userId, message)
        return undefined
      case 'recheck':
        await recheck(userId)
        return undefined
      case 'over':
        onOver(userId, message)
        return undefined
      case 'account':
        for (const connection of told(userId)) connection.send({ type: 'account', account: message.account })
        return undefined
      case 'missed':
        for (const connection of told(userId)) connection.send({ type: 'missed', missed: message.missed })
        return undefined
    }
  }

  return {
    join: (connection) =>
      connection.identity !== undefined && all.add(connection.identity.userId, connection),
    welcome(connection, order, takeOver) {
      if (!connection.identity) return false
      const { userId, device } = connection.identity
      const effects = all.happen(userId, {
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
      if (connection.identity) all.remove(connection.identity.userId, connection)
    },
    acknowledged({ id: connection, identity }, call) {
      if (!identity || !all.live(identity.userId).some((live) => live.connection === connection)) return
      report(identity.userId, { kind: 'acknowledged', call, connection })
    },
    tick: all.tick,
    storageLost() {
      for (const userId of all.everybody()) all.happen(userId, { kind: 'storage-lost' })
    },
    stop() {
      for (const userId of all.everybody())
        for (const { id } of all.connections(userId)) all.happen(userId, { kind: 'closed', connection: id })
    },
  }
}
