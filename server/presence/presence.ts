import type { ConnectionOrder } from '../../protocol/connection.ts'
import { believedFor, type Timing } from '../../protocol/timing.ts'
import { createKnownSessions } from '../accounts/known-sessions.ts'
import type { LeasesOf } from '../accounts/leases-of.ts'
import { readSessionEnd } from '../accounts/session-ends.ts'
import type { SessionLifetimes } from '../accounts/session-lifetimes.ts'
import type { SessionLifeRow } from '../accounts/sessions.ts'
import type { Bus } from '../bus/bus.ts'
import { type LegReport, legsSubject } from '../bus/leg-report.ts'
import {
  type PersonMessage,
  parsePersonMessage,
  parseRingMessage,
  personSubject,
  type RingMessage,
  ringSubject,
} from '../bus/person-message.ts'
import type { CallsOfCallee } from '../calls/calls.ts'
import type { CallsOfPeople } from '../calls/people-calls.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Json } from '../json.ts'
import type { Log } from '../log.ts'
import { type HeldLeases, nodeSubject, parseNodeMessage } from '../nodes/node-message.ts'
import type { OtherNodes } from '../nodes/other-nodes.ts'
import { answerHeartbeat } from './answer-heartbeat.ts'
import { createConnectedPeople } from './connected-people.ts'
import type { Connection, Identity } from './connection.ts'
import type { ConnectionOrders, NewerElsewhere } from './connection-order.ts'
import type { Claimed } from './decide-claim.ts'
import type { SessionCloseReason } from './lease-reducer.ts'
import { createPersonNews } from './person-news.ts'
import { createPlacedNews } from './placed-news.ts'
import { noPresenceCounts, type PresenceCounts } from './presence-counts.ts'
import { createPresenceParts } from './presence-parts.ts'
import type { ReachabilityRecord } from './reachability-record.ts'

export interface PresenceDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly bus: Bus
  readonly timing: Timing
  readonly lifetimes: SessionLifetimes
  readonly record: ReachabilityRecord
  /** Whether a call could be written down now. */
  readonly isWritable: () => boolean | Promise<boolean>
  readonly calls: CallsOfCallee & Pick<CallsOfPeople, 'placedOf'>
  readonly orders: ConnectionOrders
  /** Told of what changed of the people who have a connection here, and of whom they have. */
  readonly onPeopleNews?: (userId: string, news: PeopleNews) => void | Promise<void>
  /** Told of those whose sessions were just looked at, as all are every 10 s: what nobody said here is found then. */
  readonly onLookedAt?: (userIds: readonly string[]) => Promise<void>
  /** Undefined where the server runs alone. */
  readonly nodes?:
    | { readonly id: string; readonly others: OtherNodes; readonly living: () => readonly string[] }
    | undefined
}

export type PeopleNews = Extract<PersonMessage, { kind: 'events' | 'status' | 'relation' }>

/** Who is connected here, by which connections, holding which leases. What happens to them comes by the bus. */
export interface Presence {
  /** @returns false when the person has too many devices with a connection already, or the device too many connections. */
  join(connection: Connection): boolean
  /** Asks whether the connection may be its device's, over all nodes. One that may not is told so, and closed. */
  claim(connection: Connection, order: ConnectionOrder, takeOver: boolean): Promise<Claimed>
  /** @returns takes how the session of the connection stands, as it is read from now on: for its first lease. */
  knowSession(connection: Connection): (row: SessionLifeRow | undefined) => void
  /**
   * From now on the connection may hold a lease; an older connection of its device is closed.
   *
   * @returns false when the connection was refused, and told so, since it is not its device's newest (T9).
   */
  welcome(connection: Connection, order: ConnectionOrder, takeOver: boolean): boolean
  leave(connection: Connection): void
  /** The connection is told how the calls stand that its person placed. */
  tellPlaced(connection: Connection): void
  acknowledged(connection: Connection, call: string): void
  /** Whether somebody is at the machine of this device. */
  idle(connection: Connection, isIdle: boolean): void
  /** Whether this device holds a lease here. */
  isLive(userId: string, device: string): boolean
  /** A heartbeat came, but no ring would: the bus is lost. */
  refuse(connection: Connection, n: number): void
  /** Every connection that was welcomed. */
  welcomed(): Connection[]
  readonly counts: PresenceCounts
  /** How many devices hold a lease now. */
  leases(): number
  /** Over all nodes. */
  readonly leasesOf: LeasesOf
  tick(): void
  /** Nothing can be written down: every lease ends, and every device is told. */
  storageLost(): void
  /** The bus carries nothing: the same. */
  routingLost(): void
  /** The server stops: from now on nobody is welcomed, and no lease granted. */
  stopGranting(): void
  /** Devices hear what waits to be told. */
  tellNews(): Promise<void>
  /** Everybody's lease ends, for the record; devices are not told, since their connections are closed. */
  endLeases(): void
}

export function openPresence(dependencies: PresenceDependencies): Presence {
  const { db, clock, log, bus, timing, lifetimes, record, orders, nodes } = dependencies
  /** Whoever owns a call of this person hears of it. */
  const report = (userId: string, what: LegReport) => {
    if (what.kind === 'lease-gained') tellOlder(userId, what.connection)
    bus.publish(legsSubject(userId), what)
  }
  const sessions = createKnownSessions({
    db,
    clock,
    lifetimes,
    onOver: ({ userId, sessionId }) => closeEnded(userId, sessionId),
    onLooked: async (looked) => {
      const whose = [...new Set(looked.map(({ userId }) => userId))]
      await Promise.all([
        lookAtOrders(looked.map(({ sessionId }) => sessionId)),
        dependencies.onLookedAt?.(whose),
      ])
    },
  })
  const whyEnded = async (identity: Pick<Identity, 'userId' | 'sessionId'>): Promise<SessionCloseReason> =>
    (await readSessionEnd(db, identity)) ?? 'sessionEnded'
  // A lease is no promise beyond the session: one that ends before the next lease would has ended.
  const endOf = (identity: Identity): undefined | Promise<SessionCloseReason | undefined> => {
    const left = sessions.lifeLeft(identity, timing.leaseFor)
    if (typeof left === 'number') return undefined
    return left.then((ms) => (ms >= timing.leaseFor ? undefined : whyEnded(identity)))
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
    onLeases: (userId, news) => parts[news](userId),
  })
  const parts = createPresenceParts({
    clock,
    bus,
    timing,
    // Of a server alone there is no other.
    node: nodes?.id ?? 'alone',
    live: people.live,
    isIdle: (userId, connection) => people.connection(userId, connection)?.idle ?? false,
    isWatched: people.isWatched,
    markWatched: people.markWatched,
  })
  const news = createPersonNews({ ...dependencies, connections: people.connections })
  const placed = createPlacedNews({ ...dependencies, connections: people.connections })
  bus.onConnection((isConnected) => {
    if (isConnected) news.anew(people.userIds())
  })
  /** By person with a welcomed connection: what ends the hearing of rings. */
  const rings = new Map<string, { readonly subject: string; readonly end: () => void }>()
  /** By connection of this node: its place, for the older ones of its device elsewhere. */
  const places = new Map<string, ConnectionOrder>()

  /** Said with every lease that is gained, so that one message that is lost matters little. */
  const tellOlder = (userId: string, by: string) => {
    const order = places.get(by)
    const device = people.connection(userId, by)?.identity?.device
    if (nodes && order && device !== undefined)
      bus.publish(personSubject(userId), { kind: 'replaced', device, by, order })
  }

  /** @returns the subject on which they are heard. */
  const hearRings = (userId: string): string => {
    const heard = rings.get(userId)
    if (heard) return heard.subject
    const subject = ringSubject(userId)
    const end = bus.subscribe(subject, (payload) => onRingMessage(userId, parseRingMessage(payload)))
    rings.set(userId, { subject, end })
    return subject
  }

  /** @returns of a ring whether anybody was asked: where nobody was, whoever rings need not wait for longer. */
  const onRingMessage = (userId: string, message: RingMessage): Json | undefined | Promise<undefined> => {
    switch (message.kind) {
      case 'heartbeat':
        return answerHeartbeat(heartbeats, userId, message)?.then(() => undefined)
      case 'watch':
        parts.watched(userId)
        return undefined
      case 'reachable':
        return people.isLive(userId)
      case 'ring':
        return onRing(userId, message)
    }
  }

  const held = (userId: string): HeldLeases => {
    const now = clock.monotonic()
    const unbelieved = timing.leaseFor - believedFor(timing)
    const leases = people.live(userId).flatMap(({ connection, device, until }) => {
      const session = people.connection(userId, connection)?.identity?.sessionId
      if (session === undefined || until === null) return []
      return [{ session, device, left: Math.max(0, Math.floor(until - unbelieved - now)) }]
    })
    return { leases, endedAt: leases.length > 0 ? null : (record.unwrittenEnd(userId) ?? null) }
  }

  if (nodes) bus.subscribe(nodeSubject(nodes.id), (payload) => held(parseNodeMessage(payload).user))
  const counts = noPresenceCounts()
  const heartbeats = { ...dependencies, people, endOf, counts }

  const onRing = (userId: string, { call, connection: only }: RingMessage & { kind: 'ring' }): boolean => {
    let isAnybodyAsked = false
    for (const { connection, device } of people.live(userId)) {
      if (only !== undefined && connection !== only) continue
      isAnybodyAsked = true
      report(userId, {
        kind: 'asked',
        call: call.id,
        connection,
        device,
        ...(nodes && { node: nodes.id }),
      })
      counts.ringsSent += 1
      log.info({ call: call.id, user: userId, connection }, 'a device is asked to ring')
      people.connection(userId, connection)?.send({ type: 'ring', call })
    }
    return isAnybodyAsked
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

  const welcomed = (userId: string): Connection[] =>
    people.connections(userId).filter((connection) => connection.welcomed)

  /** A connection that is being welcomed is told of no change: it reads everything again instead. */
  const markStale = (userId: string) => {
    for (const connection of people.connections(userId)) if (!connection.welcomed) connection.stale = true
  }

  /** Their sessions may be over: looked up anew, once each, and the connections closed of those that are. */
  const closeEndedSessions = async (userId: string) => {
    const here = people.connections(userId).flatMap(({ identity }) => (identity ? [identity] : []))
    const each = new Map(here.map((identity) => [identity.sessionId, identity]))
    const looks = [...each.values()].map(async (identity) => {
      if ((await sessions.reread(identity)) < timing.leaseFor) await closeEnded(userId, identity.sessionId)
    })
    await Promise.all(looks)
  }

  /** Of nodes: what nobody said here, or said too early, is felt all the same. */
  const lookAtOrders = async (sessionIds: readonly string[]) => {
    const { newer, vacant } = await orders.look(sessionIds)
    // Nodes answer within a time: one that hangs keeps nobody waiting for another.
    await Promise.all([...newer.map(replaceOlder), ...vacant.map(resume)])
  }

  /** Whoever did not hear that its device has a lease by a newer connection elsewhere is replaced all the same. */
  const replaceOlder = async ({ userId, device, connection: by, order, node }: NewerElsewhere) => {
    const held = await nodes?.others.leasesAt(node, userId)
    if (held?.leases.some((lease) => lease.device === device))
      people.dispatch(userId, { kind: 'replaced', device, by, order })
  }

  /** A newer connection of the device came and went, and this one goes on. */
  const resume = async ({ userId, device }: Pick<NewerElsewhere, 'userId' | 'device'>) => {
    const ofDevice = welcomed(userId).filter(({ identity }) => identity?.device === device)
    const held = people.live(userId).find((live) => live.device === device)
    const id = held?.connection ?? ofDevice.at(-1)?.id
    const order = id === undefined ? undefined : places.get(id)
    if (id === undefined || !order) return
    await orders.resume({ userId, device, connection: id, order })
    goneUnlessHere(userId, device, id)
  }

  /** What was written of a connection that was gone by then would stay. */
  const goneUnlessHere = (userId: string, device: string, connection: string) => {
    if (!people.connection(userId, connection)) orders.gone({ userId, device, connection })
  }

  const closeEnded = async (userId: string, sessionId: string) => {
    const why = await whyEnded({ userId, sessionId })
    for (const connection of people.connections(userId)) {
      if (connection.identity?.sessionId !== sessionId) continue
      if (connection.welcomed)
        people.dispatch(userId, { kind: 'session-ended', connection: connection.id, why })
      else connection.close(why)
    }
  }

  const onPersonMessage = async (userId: string, payload: Json): Promise<void> => {
    const message = parsePersonMessage(payload)
    switch (message.kind) {
      case 'unanswered':
        people.dispatch(userId, { kind: 'ring-unanswered', connection: message.connection })
        return
      case 'sessions-changed':
        return closeEndedSessions(userId)
      case 'over':
        return onOver(userId, message)
      case 'replaced':
        people.dispatch(userId, message)
        return
      case 'account':
        return news.account(userId)
      case 'missed':
        return news.missed(userId, message)
      case 'placed':
        return placed.changed(userId)
      case 'events':
      case 'status':
      case 'relation':
        return dependencies.onPeopleNews?.(userId, message)
    }
  }

  return {
    join: (connection) =>
      connection.identity !== undefined && people.add(connection.identity.userId, connection),
    async claim(connection, order, takeOver) {
      if (!connection.identity) return { kind: 'outranked', boot: 0, live: false }
      const { userId, device } = connection.identity
      const { id } = connection
      const claimed = await orders
        .claim({ userId, device, connection: id, order, takeOver })
        // Also where it is not known whether it was written.
        .finally(() => goneUnlessHere(userId, device, id))
      if (claimed.kind === 'outranked') {
        connection.send({ type: 'outranked', boot: claimed.boot, live: claimed.live })
        connection.close('superseded')
      }
      return claimed
    },
    knowSession: ({ identity }) => (identity ? sessions.readBesides(identity) : () => {}),
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
      if (connection.welcomed) {
        connection.ringSubject = hearRings(userId)
        if (nodes) places.set(connection.id, order)
      }
      return connection.welcomed
    },
    leave(connection) {
      if (!connection.identity) return
      const { userId, sessionId, device } = connection.identity
      people.remove(userId, connection)
      orders.gone({ userId, device, connection: connection.id })
      places.delete(connection.id)
      if (welcomed(userId).length === 0) {
        rings.get(userId)?.end()
        rings.delete(userId)
        placed.forget(userId)
      }
      const isUsed = people.connections(userId).some(({ identity }) => identity?.sessionId === sessionId)
      if (!isUsed) sessions.forget(sessionId)
    },
    tellPlaced(connection) {
      const userId = connection.identity?.userId
      if (userId === undefined) return
      void placed.tell(userId, connection)
    },
    acknowledged({ id: connection, identity }, call) {
      if (!identity || !people.live(identity.userId).some((live) => live.connection === connection)) return
      counts.ringsAcknowledged += 1
      report(identity.userId, { kind: 'acknowledged', call, connection })
    },
    idle(connection, isIdle) {
      if (!connection.identity || connection.idle === isIdle) return
      connection.idle = isIdle
      if (people.isWatched(connection.identity.userId)) parts.idled(connection.identity.userId)
    },
    counts,
    leases: () => people.userIds().reduce((sum, userId) => sum + people.live(userId).length, 0),
    isLive: (userId, of) => people.live(userId).some(({ device }) => device === of),
    refuse({ id: connection, identity }, n) {
      if (!identity) return
      counts.refused.routing += 1
      people.dispatch(identity.userId, { kind: 'heartbeat-refused', connection, n, cause: 'routing' })
    },
    welcomed: () => people.userIds().flatMap(welcomed),
    async leasesOf(userId) {
      // All of them: in the order is only who said hello last, which may have no lease yet.
      const names = nodes ? new Set([...nodes.living(), ...(await orders.readNodesOf(userId))]) : []
      const elsewhere = [...names].map((node) => nodes?.others.leasesAt(node, userId))
      const all = [held(userId), ...(await Promise.all(elsewhere))]
      return new Map(all.flatMap((one) => one?.leases ?? []).map(({ session, left }) => [session, left]))
    },
    tick() {
      people.tick()
      parts.tick()
      news.tick()
      placed.tick()
      sessions
        .tick()
        .catch((err) => log.error({ err }, 'sessions are looked up again at their next heartbeats'))
    },
    storageLost() {
      for (const userId of people.userIds()) people.dispatch(userId, { kind: 'storage-lost' })
    },
    routingLost() {
      for (const userId of people.userIds()) people.dispatch(userId, { kind: 'routing-lost' })
    },
    stopGranting: people.stopGranting,
    tellNews: news.flush,
    endLeases() {
      for (const userId of people.userIds())
        for (const { id } of people.connections(userId))
          people.dispatch(userId, { kind: 'closed', connection: id })
    },
  }
}
