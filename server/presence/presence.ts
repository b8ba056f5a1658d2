import type { Timing } from '../../protocol/timing.ts'
import type { SessionLives } from '../accounts/session-life.ts'
import { sessionHolds } from '../accounts/sessions.ts'
import type { Bus, Json } from '../bus/bus.ts'
import { type PersonMessage, parsePersonMessage, personSubject } from '../bus/person-message.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import {
  anyRanOut,
  emptyLeases,
  type LeaseEffect,
  type LeaseEvent,
  type Leases,
  liveDevices,
  reduceLeases,
} from './leases.ts'
import type { Line } from './line.ts'
import { gapToTell, type ReachabilityRecord } from './reachability-record.ts'
import { type RingRounds, ringRounds } from './ring-rounds.ts'

export interface PresenceParts {
  readonly db: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly timing: Timing
  readonly lives: SessionLives
  readonly record: ReachabilityRecord
  readonly keeps: () => Promise<boolean>
  readonly countMissed: (userId: string, from: number, until: number) => Promise<number>
  /** A line can be rung from now on. */
  readonly onLease: (userId: string, line: string) => void
}

/** Who is connected here, by which lines, holding which leases. What happens to them comes by the bus. */
export interface Presence {
  /** @returns false when the person has too many lines already. */
  join(line: Line): boolean
  /** From now on the line may hold a lease; an older line of its device is closed. */
  welcome(line: Line): void
  leave(line: Line): void
  acknowledged(line: Line, call: string): void
  sweep(): void
  /** Nothing can be written down: every lease ends, and every device is told. */
  storageLost(): void
  /** Everybody's lease ends, for the record. */
  stop(): void
}

/** More lines at once than a person has devices; the next one is refused. */
const mostLines = 20

interface Person {
  leases: Leases
  readonly lines: Map<string, Line>
  readonly leaveBus: () => void
}

export function presence(parts: PresenceParts): Presence {
  const { db, bus, clock, timing, record } = parts
  const people = new Map<string, Person>()
  const rounds: RingRounds = ringRounds()

  const reduce = (userId: string, event: LeaseEvent): LeaseEffect[] => {
    const person = people.get(userId)
    if (!person) return []
    const now = clock.monotonic()
    const [leases, effects] = reduceLeases(person.leases, event, now)
    person.leases = leases
    for (const effect of effects) act(userId, person, effect, now)
    return effects
  }

  const act = (userId: string, person: Person, effect: LeaseEffect, now: number) => {
    switch (effect.kind) {
      case 'grant':
        // Sent by whoever asked, who knows of a gap.
        if (effect.regained) record.began(userId, clock.wall())
        return
      case 'refuse':
        person.lines.get(effect.line)?.send({ type: 'no-lease', n: effect.n, why: 'storage' })
        return
      case 'close':
        rounds.lost(effect.line)
        person.lines.get(effect.line)?.close(effect.why)
        return
      case 'unreachable':
        record.ended(userId, Math.round(clock.wall() - (now - effect.at)))
    }
  }

  const onBeat = async (userId: string, { line: id, n, arrived }: PersonMessage & { kind: 'beat' }) => {
    const person = people.get(userId)
    const line = person?.lines.get(id)
    if (!person || !line?.identity) return
    if (!(await sessionHolds(db, parts.lives, line.identity.sessionId, clock.wall()))) {
      reduce(userId, { kind: 'session-ended', line: id })
      return
    }
    const gap = await gapOf(userId, person)
    if (!(await parts.keeps())) {
      reduce(userId, { kind: 'beat-in-vain', line: id, n })
      return
    }
    for (const effect of reduce(userId, { kind: 'beat', line: id, n, arrived, leaseFor: timing.leaseFor })) {
      if (effect.kind !== 'grant') continue
      line.send({ type: 'lease', n, leaseFor: effect.leaseFor, ...(effect.regained && gap && { gap }) })
      if (effect.gained) parts.onLease(userId, id)
    }
  }

  const gapOf = async (userId: string, person: Person) => {
    if (liveDevices(person.leases, clock.monotonic()).length > 0) return undefined
    const from = await record.unreachableSince(userId)
    const until = clock.wall()
    if (from === undefined) return undefined
    return gapToTell(from, until, await parts.countMissed(userId, from, until))
  }

  const onRing = async (userId: string, { call, only }: PersonMessage & { kind: 'ring' }): Promise<Json> => {
    const person = people.get(userId)
    if (!person) return { devices: [] }
    const now = clock.monotonic()
    const live = liveDevices(person.leases, now).filter(({ line }) => only === undefined || line === only)
    const round = rounds.begin(call.id, new Map(live.map(({ line, device }) => [line, device])), now)
    for (const { line } of live) person.lines.get(line)?.send({ type: 'ring', call })
    return { devices: await round }
  }

  const onOver = (userId: string, message: PersonMessage & { kind: 'over' }) => {
    const { call, outcome, device, room, only } = message
    if (only === undefined) rounds.over(call)
    for (const line of linesOf(userId)) {
      if (only !== undefined && line.id !== only) continue
      const here = line.identity?.device === device
      line.send({ type: 'over', call, outcome, here, ...(here && room !== null && { room }) })
    }
  }

  /** Lines of a person that have been welcomed; one that is being welcomed is told to look again. */
  const linesOf = (userId: string): Line[] => {
    const lines = [...(people.get(userId)?.lines.values() ?? [])]
    for (const line of lines) if (!line.welcomed) line.stale = true
    return lines.filter((line) => line.welcomed)
  }

  const recheck = async (userId: string) => {
    for (const line of [...(people.get(userId)?.lines.values() ?? [])]) {
      if (!line.identity || (await sessionHolds(db, parts.lives, line.identity.sessionId, clock.wall()))) continue
      if (line.welcomed) reduce(userId, { kind: 'session-ended', line: line.id })
      else line.close('sessionEnded')
    }
  }

  const hear = async (userId: string, payload: Json): Promise<Json | undefined> => {
    const message = parsePersonMessage(payload)
    switch (message.kind) {
      case 'ring':
        return onRing(userId, message)
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
        for (const line of linesOf(userId)) line.send({ type: 'account', account: message.account })
        return undefined
      case 'missed':
        for (const line of linesOf(userId)) line.send({ type: 'missed', missed: message.missed })
        return undefined
    }
  }

  const enter = (userId: string): Person => {
    const leaveBus = bus.subscribe(personSubject(userId), (payload) => hear(userId, payload))
    const person = { leases: emptyLeases, lines: new Map(), leaveBus }
    people.set(userId, person)
    return person
  }

  return {
    join(line) {
      const userId = line.identity?.userId
      if (userId === undefined) return false
      const person = people.get(userId) ?? enter(userId)
      if (person.lines.size >= mostLines) return false
      person.lines.set(line.id, line)
      return true
    },
    welcome(line) {
      if (!line.identity) return
      line.welcomed = true
      reduce(line.identity.userId, { kind: 'opened', line: line.id, device: line.identity.device })
    },
    leave(line) {
      const userId = line.identity?.userId
      const person = userId === undefined ? undefined : people.get(userId)
      if (userId === undefined || person?.lines.get(line.id) !== line) return
      reduce(userId, { kind: 'closed', line: line.id })
      rounds.lost(line.id)
      person.lines.delete(line.id)
      if (person.lines.size > 0) return
      person.leaveBus()
      people.delete(userId)
    },
    acknowledged(line, call) {
      rounds.acknowledged(call, line.id)
    },
    sweep() {
      const late = new Set(rounds.sweep(clock.monotonic()))
      for (const [userId, person] of people) {
        if (late.size > 0)
          for (const id of person.lines.keys())
            if (late.has(id)) reduce(userId, { kind: 'ring-unanswered', line: id })
        if (anyRanOut(person.leases, clock.monotonic())) reduce(userId, { kind: 'looked' })
      }
    },
    storageLost() {
      for (const userId of people.keys()) reduce(userId, { kind: 'storage-lost' })
    },
    stop() {
      for (const [userId, person] of people)
        for (const id of [...person.lines.keys()]) reduce(userId, { kind: 'closed', line: id })
    },
  }
}
