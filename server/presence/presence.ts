import type { LineOrder } from '../../protocol/connection.ts'
import type { Timing } from '../../protocol/timing.ts'
import type { SessionLives } from '../accounts/session-lifetimes.ts'
import { sessionHolds } from '../accounts/sessions.ts'
import type { Bus, Json } from '../bus/bus.ts'
import { type LegReport, legsSubject } from '../bus/leg-report.ts'
import { type PersonMessage, parsePersonMessage, personSubject } from '../bus/person-message.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Line } from './connection.ts'
import { people } from './people.ts'
import { gapToTell, type ReachabilityRecord } from './reachability-record.ts'

export interface PresenceParts {
  readonly db: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly timing: Timing
  readonly lives: SessionLives
  readonly record: ReachabilityRecord
  readonly keeps: () => Promise<boolean>
  readonly countMissed: (userId: string, from: number, until: number) => Promise<number>
}

/** Who is connected here, by which lines, holding which leases. What happens to them comes by the bus. */
export interface Presence {
  /** @returns false when the person has too many devices with a line already, or the device too many lines. */
  join(line: Line): boolean
  /**
   * From now on the line may hold a lease; an older line of its device is closed.
   *
   * @returns false when the line was refused, and told so, since it is not its device's newest (T9).
   */
  welcome(line: Line, order: LineOrder, takeOver: boolean): boolean
  leave(line: Line): void
  acknowledged(line: Line, call: string): void
  sweep(): void
  /** Nothing can be written down: every lease ends, and every device is told. */
  storageLost(): void
  /** Everybody's lease ends, for the record. */
  stop(): void
}

export function presence(parts: PresenceParts): Presence {
  const { db, bus, clock, timing, record } = parts
  /** Whoever owns a call of this person hears of it. */
  const report = (userId: string, what: LegReport) => bus.publish(legsSubject(userId), what)
  const all = people({
    clock,
    record,
    onArrival: (userId) => bus.subscribe(personSubject(userId), (payload) => hear(userId, payload)),
    onLost: (userId, connection) => report(userId, { kind: 'lost', connection }),
    onReplaced: (userId, connection, by) => report(userId, { kind: 'replaced', connection, by }),
  })

  const onBeat = async (userId: string, { line: id, n, arrived }: PersonMessage & { kind: 'beat' }) => {
    const line = all.line(userId, id)
    if (!line?.identity) return
    if (!(await sessionHolds(db, parts.lives, line.identity.sessionId, clock.wall()))) {
      all.happen(userId, { kind: 'session-ended', line: id })
      return
    }
    // Asked before the gap, which is to tell of what this finds out, and after it, since only the last counts.
    const gap = (await parts.keeps()) ? await gapOf(userId) : undefined
    if (!(await parts.keeps())) {
      all.happen(userId, { kind: 'beat-in-vain', line: id, n })
      return
    }
    for (const effect of all.happen(userId, {
      kind: 'beat',
      line: id,
      n,
      arrived,
      leaseFor: timing.leaseFor,
    })) {
      if (effect.kind !== 'grant') continue
      line.send({ type: 'lease', n, leaseFor: effect.leaseFor, ...(effect.regained && gap && { gap }) })
      if (effect.gained) report(userId, { kind: 'lease-gained', connection: id })
    }
  }

  const gapOf = async (userId: string) => {
    if (all.live(userId).length > 0) return undefined
    const from = await record.unreachableSince(userId)
    const until = clock.wall()
    if (from === undefined) return undefined
    const missed = await parts.countMissed(userId, from, until)
    return gapToTell({ from, until, missed, recorded: await record.recorded(from, until) })
  }

  const onRing = (userId: string, { call, only }: PersonMessage & { kind: 'ring' }) => {
    for (const { line, device } of all.live(userId)) {
      if (only !== undefined && line !== only) continue
      report(userId, { kind: 'asked', call: call.id, connection: line, device })
      all.line(userId, line)?.send({ type: 'ring', call })
    }
  }

  const onOver = (userId: string, message: PersonMessage & { kind: 'over' }) => {
    const { call, outcome, device, room, only } = message
    for (const line of told(userId)) {
      if (only !== undefined && line.id !== only) continue
      const here = line.identity?.device === device
      line.send({ type: 'over', call, outcome, here, ...(here && room !== null && { room }) })
    }
  }

  /** The lines that are told of a change. One that is being welcomed reads everything again instead. */
  const told = (userId: string): Line[] => {
    const lines = all.lines(userId)
    for (const line of lines) if (!line.welcomed) line.stale = true
    return lines.filter((line) => line.welcomed)
  }

  const recheck = async (userId: string) => {
    for (const line of all.lines(userId)) {
      if (!line.identity || (await sessionHolds(db, parts.lives, line.identity.sessionId, clock.wall())))
        continue
      if (line.welcomed) all.happen(userId, { kind: 'session-ended', line: line.id })
      else line.close('sessionEnded')
    }
  }

  const hear = async (userId: string, payload: Json): Promise<Json | undefined> => {
    const message = parsePersonMessage(payload)
    switch (message.kind) {
      case 'ring':
        onRing(userId, message)
        return undefined
      case 'unanswered':
        all.happen(userId, { kind: 'ring-unanswered', line: message.line })
        return undefined
      case 'beat':
        await onBeat(userId, message)
        return undefined
      case 'recheck':
        await recheck(userId)
        return undefined
      case 'over':
        onOver(userId, message)
        return undefined
      case 'account':
        for (const line of told(userId)) line.send({ type: 'account', account: message.account })
        return undefined
      case 'missed':
        for (const line of told(userId)) line.send({ type: 'missed', missed: message.missed })
        return undefined
    }
  }

  return {
    join: (line) => line.identity !== undefined && all.add(line.identity.userId, line),
    welcome(line, order, takeOver) {
      if (!line.identity) return false
      const { userId, device } = line.identity
      const effects = all.happen(userId, { kind: 'opened', line: line.id, device, order, takeOver })
      line.welcomed = !effects.some((effect) => effect.kind === 'close' && effect.line === line.id)
      return line.welcomed
    },
    leave(line) {
      if (line.identity) all.remove(line.identity.userId, line)
    },
    acknowledged({ id: connection, identity }, call) {
      if (!identity || !all.live(identity.userId).some(({ line }) => line === connection)) return
      report(identity.userId, { kind: 'acknowledged', call, connection })
    },
    sweep: all.sweep,
    storageLost() {
      for (const userId of all.everybody()) all.happen(userId, { kind: 'storage-lost' })
    },
    stop() {
      for (const userId of all.everybody())
        for (const { id } of all.lines(userId)) all.happen(userId, { kind: 'closed', line: id })
    },
  }
}
