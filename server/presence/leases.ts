import type { CloseReason } from '../../protocol/close-codes.ts'

/**
 * One person's lines and the leases that they hold, as a value: the part of presence that decides. It
 * knows no clock, socket or database; `now`, `arrived` and `until` are milliseconds of one monotonic
 * clock. Nobody may be rung, and nothing may be called reachable, but by what is in here.
 */
export type Leases = ReadonlyMap<string, HeldLine>

export interface HeldLine {
  readonly line: string
  readonly device: string
  /** The last beat that was answered, so that a lease can be taken back by its number. */
  readonly n: number | null
  /** When the lease ends; null while there is none. */
  readonly until: number | null
}

export type LeaseEvent =
  /** A line was welcomed. An older line of the same device is over with it. */
  | { readonly kind: 'opened'; readonly line: string; readonly device: string }
  /** A beat came through the bus to its line, its session holds and calls can be kept. */
  | {
      readonly kind: 'beat'
      readonly line: string
      readonly n: number
      readonly arrived: number
      readonly leaseFor: number
    }
  /** A beat came, but a call could not be written down now. */
  | { readonly kind: 'beat-in-vain'; readonly line: string; readonly n: number }
  | { readonly kind: 'session-ended'; readonly line: string }
  /** A ring was sent and not acknowledged in time (T4): what this line promised was not so. */
  | { readonly kind: 'ring-unanswered'; readonly line: string }
  /** The database took no write: no lease is worth anything. */
  | { readonly kind: 'storage-lost' }
  | { readonly kind: 'closed'; readonly line: string }
  /** Only time has passed. */
  | { readonly kind: 'looked' }

export type LeaseEffect =
  | {
      readonly kind: 'grant'
      readonly line: string
      readonly n: number
      readonly leaseFor: number
      /** The line had no lease just before: what rings now has to be rung on it. */
      readonly gained: boolean
      /** The person had no lease anywhere just before. */
      readonly regained: boolean
    }
  | { readonly kind: 'refuse'; readonly line: string; readonly n: number }
  | { readonly kind: 'close'; readonly line: string; readonly why: CloseReason }
  /** The person's last lease ended, at that moment. */
  | { readonly kind: 'unreachable'; readonly at: number }

export const emptyLeases: Leases = new Map()

/** The lines that hold a lease now, one a device. */
export const liveDevices = (leases: Leases, now: number): HeldLine[] =>
  [...leases.values()].filter((held) => held.until !== null && held.until > now)

/** Whether some lease ran out by `now` and has not been ended yet. */
export function anyRanOut(leases: Leases, now: number): boolean {
  for (const held of leases.values()) if (held.until !== null && held.until <= now) return true
  return false
}

/**
 * What an event makes of the leases. Leases that ran out by `now` are ended first, so an event never
 * meets one that is over. Events of lines that are not (or no longer) here change nothing.
 */
export function reduceLeases(leases: Leases, event: LeaseEvent, now: number): [Leases, LeaseEffect[]] {
  const next = new Map(leases)
  const effects = [...expire(next, now)]
  const heldBefore = holdsAny(next)
  effects.push(...apply(next, event, now, heldBefore))
  if (heldBefore && !holdsAny(next)) effects.push({ kind: 'unreachable', at: now })
  return [next, effects]
}

function expire(leases: Map<string, HeldLine>, now: number): LeaseEffect[] {
  let last: number | undefined
  for (const held of leases.values())
    if (held.until !== null && held.until <= now) {
      leases.set(held.line, { ...held, until: null })
      last = Math.max(last ?? held.until, held.until)
    }
  return last === undefined || holdsAny(leases) ? [] : [{ kind: 'unreachable', at: last }]
}

function apply(
  leases: Map<string, HeldLine>,
  event: LeaseEvent,
  now: number,
  heldBefore: boolean,
): LeaseEffect[] {
  switch (event.kind) {
    case 'looked':
      return []
    case 'opened': {
      const older = [...leases.values()].filter((held) => held.device === event.device)
      for (const held of older) leases.delete(held.line)
      const { line, device } = event
      leases.set(line, { line, device, n: null, until: null })
      return older.map((held) => ({ kind: 'close', line: held.line, why: 'replaced' }))
    }
    case 'beat': {
      const held = leases.get(event.line)
      const until = Math.max(held?.until ?? 0, event.arrived + event.leaseFor)
      if (!held || until <= now) return []
      const { line, n, leaseFor } = event
      leases.set(line, { ...held, n, until })
      return [{ kind: 'grant', line, n, leaseFor, gained: held.until === null, regained: !heldBefore }]
    }
    case 'beat-in-vain': {
      const held = leases.get(event.line)
      if (!held) return []
      leases.set(event.line, { ...held, n: event.n, until: null })
      return [{ kind: 'refuse', line: event.line, n: event.n }]
    }
    case 'storage-lost': {
      const lost = [...leases.values()].filter((held) => held.until !== null)
      for (const held of lost) leases.set(held.line, { ...held, until: null })
      return lost.map((held) => ({ kind: 'refuse', line: held.line, n: held.n ?? 0 }))
    }
    case 'session-ended':
      return leases.delete(event.line) ? [{ kind: 'close', line: event.line, why: 'sessionEnded' }] : []
    case 'ring-unanswered':
      return leases.delete(event.line) ? [{ kind: 'close', line: event.line, why: 'ringUnanswered' }] : []
    case 'closed':
      leases.delete(event.line)
      return []
  }
}

const holdsAny = (leases: Leases) => [...leases.values()].some((held) => held.until !== null)
