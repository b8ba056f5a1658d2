import type { Clock } from '../clock.ts'
import type { Line } from './connection.ts'
import {
  anyRanOut,
  emptyLeases,
  type HeldLine,
  isEmpty,
  type LeaseEffect,
  type LeaseEvent,
  type Leases,
  liveDevices,
  reduceLeases,
} from './leases.ts'
import type { ReachabilityRecord } from './reachability-record.ts'

/** More than a person has; one more is refused. */
const mostDevices = 20
/** A device has one line, and beside it those of its own that were not yet found to be dead. */
const mostLinesOfDevice = 5

interface Person {
  leases: Leases
  readonly lines: Map<string, Line>
  /** Ends what their first line began; null while there is no line, only the memory of one. */
  leave: (() => void) | null
}

/** The people who have a line here, and the one door through which their leases change. */
export interface People {
  /** Lets an event happen to a person's leases, and does what follows from it but for the granting. */
  happen(userId: string, event: LeaseEvent): LeaseEffect[]
  /** The person's lines that hold a lease now. */
  live(userId: string): HeldLine[]
  lines(userId: string): Line[]
  line(userId: string, id: string): Line | undefined
  /** @returns false when the person has too many devices with a line already, or the device too many lines. */
  add(userId: string, line: Line): boolean
  remove(userId: string, line: Line): void
  everybody(): string[]
  /** Ends the leases that ran out. */
  sweep(): void
}

export interface PeopleParts {
  readonly clock: Clock
  readonly record: ReachabilityRecord
  /** Called for a person's first line. @returns what is called after their last. */
  readonly onArrival: (userId: string) => () => void
  /** A line can be rung no more: it is gone, or its lease is. */
  readonly onLost: (userId: string, line: string) => void
  /** The same, and the device has come back by a new line. */
  readonly onReplaced: (userId: string, line: string, by: string) => void
}

/** Lines of the same device do not count against it: one that lost its network comes back before that is noticed. */
function isOneTooMany({ lines }: Person, { identity }: Line): boolean {
  const devices = [...lines.values()].map((other) => other.identity?.device)
  const others = devices.filter((device) => device !== identity?.device)
  return new Set(others).size >= mostDevices || devices.length - others.length >= mostLinesOfDevice
}

export function people({ clock, record, onArrival, onLost, onReplaced }: PeopleParts): People {
  const all = new Map<string, Person>()

  const act = (userId: string, person: Person, effect: LeaseEffect, now: number) => {
    switch (effect.kind) {
      case 'grant':
        if (effect.regained) record.began(userId, clock.wall())
        return
      case 'refuse':
        person.lines.get(effect.line)?.send({ type: 'no-lease', n: effect.n, why: 'storage' })
        return
      case 'outrank': {
        const { boot, live } = effect
        person.lines.get(effect.line)?.send({ type: 'outranked', boot, live })
        return
      }
      case 'close':
        person.lines.get(effect.line)?.close(effect.why)
        return
      case 'unreachable':
        record.ended(userId, Math.round(clock.wall() - (now - effect.at)))
    }
  }

  const happen = (userId: string, event: LeaseEvent): LeaseEffect[] => {
    const person = all.get(userId)
    if (!person) return []
    const now = clock.monotonic()
    const before = person.leases
    const [leases, effects] = reduceLeases(before, event, now)
    person.leases = leases
    report(userId, before, leases, event)
    for (const effect of effects) act(userId, person, effect, now)
    return effects
  }

  const report = (userId: string, before: Leases, after: Leases, event: LeaseEvent) => {
    for (const { line, device, until } of before.lines.values()) {
      const held = after.lines.get(line)
      if (held && (held.until !== null || until === null)) continue
      if (!held && event.kind === 'opened' && event.device === device) onReplaced(userId, line, event.line)
      else onLost(userId, line)
    }
  }

  const arrive = (userId: string): Person => {
    const person = all.get(userId) ?? { leases: emptyLeases, lines: new Map(), leave: null }
    person.leave ??= onArrival(userId)
    all.set(userId, person)
    return person
  }

  const forget = (userId: string, person: Person) => {
    if (person.lines.size > 0) return
    person.leave?.()
    person.leave = null
    if (isEmpty(person.leases)) all.delete(userId)
  }

  return {
    happen,
    live: (userId) => liveDevices(all.get(userId)?.leases ?? emptyLeases, clock.monotonic()),
    lines: (userId) => [...(all.get(userId)?.lines.values() ?? [])],
    line: (userId, id) => all.get(userId)?.lines.get(id),
    add(userId, line) {
      const person = arrive(userId)
      if (isOneTooMany(person, line)) return false
      person.lines.set(line.id, line)
      return true
    },
    remove(userId, line) {
      const person = all.get(userId)
      if (person?.lines.get(line.id) !== line) return
      happen(userId, { kind: 'closed', line: line.id })
      person.lines.delete(line.id)
      forget(userId, person)
    },
    everybody: () => [...all.keys()],
    sweep() {
      const now = clock.monotonic()
      for (const [userId, person] of all)
        if (anyRanOut(person.leases, now)) {
          happen(userId, { kind: 'looked' })
          forget(userId, person)
        }
    },
  }
}
