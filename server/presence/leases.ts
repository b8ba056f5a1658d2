import type { CloseReason } from '../../protocol/close-codes.ts'
import type { LineOrder } from '../../protocol/connection.ts'

/**
 * One person's lines and the leases that they hold, as a value: the part of presence that decides. It
 * knows no clock, socket or database; `now`, `arrived` and `until` are milliseconds of one monotonic
 * clock. Nobody may be rung, and nothing may be called reachable, but by what is in here.
 */
export interface Leases {
  /** By line. */
  readonly lines: ReadonlyMap<string, HeldLine>
  /** By device: its newest line so far (T9), remembered for a while after that is gone. */
  readonly newest: ReadonlyMap<string, NewestLine>
}

interface NewestLine {
  readonly order: LineOrder
  /** Since when the device has no line; null while it has one. */
  readonly goneSince: number | null
}

/** A hello of an older line that is still on its way comes within this time of the newer line's end, in ms. */
export const stragglesFor = 60_000

export interface HeldLine {
  readonly line: string
  readonly device: string
  /** The last beat that was answered, so that a lease can be taken back by its number. */
  readonly n: number | null
  /** When the lease ends; null while there is none. */
  readonly until: number | null
}

export type LeaseEvent =
  /**
   * A sound hello came. An older line of the same device is over with it; where a newer one was before, or one
   * that holds a lease is not to be taken over, this one is refused (T9).
   */
  | {
      readonly kind: 'opened'
      readonly line: string
      readonly device: string
      readonly order: LineOrder
      readonly takeOver: boolean
    }
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
  /** The line is not, or no longer, its device's: told before it is closed. */
  | { readonly kind: 'outrank'; readonly line: string; readonly boot: number; readonly live: boolean }
  | { readonly kind: 'close'; readonly line: string; readonly why: CloseReason }
  /** The person's last lease ended, at that moment. */
  | { readonly kind: 'unreachable'; readonly at: number }

export const emptyLeases: Leases = { lines: new Map(), newest: new Map() }

/** The lines that hold a lease now, one a device. */
export const liveDevices = ({ lines }: Leases, now: number): HeldLine[] =>
  [...lines.values()].filter((held) => held.until !== null && held.until > now)

/** Whether something ran out by `now` and has not been ended yet. */
export function anyRanOut({ lines, newest }: Leases, now: number): boolean {
  for (const held of lines.values()) if (held.until !== null && held.until <= now) return true
  for (const { goneSince } of newest.values()) if (isForgotten(goneSince, now)) return true
  return false
}

/** Whether nothing of the person is left to be known. */
export const isEmpty = ({ lines, newest }: Leases): boolean => lines.size === 0 && newest.size === 0

const isForgotten = (goneSince: number | null, now: number) =>
  goneSince !== null && goneSince + stragglesFor <= now

/** Negative when `a` comes before `b`. */
const compareOrders = (a: LineOrder, b: LineOrder) => a.boot - b.boot || a.n - b.n

/** The leases while an event changes them. */
interface Draft {
  readonly lines: Map<string, HeldLine>
  readonly newest: Map<string, NewestLine>
}

/**
 * What an event makes of the leases. Leases that ran out by `now` are ended first, so an event never
 * meets one that is over. Events of lines that are not (or no longer) here change nothing.
 */
export function reduceLeases(leases: Leases, event: LeaseEvent, now: number): [Leases, LeaseEffect[]] {
  const next: Draft = { lines: new Map(leases.lines), newest: new Map(leases.newest) }
  const effects = [...expire(next, now)]
  const heldBefore = holdsAny(next)
  effects.push(...apply(next, event, now, heldBefore))
  if (heldBefore && !holdsAny(next)) effects.push({ kind: 'unreachable', at: now })
  return [next, effects]
}

function expire({ lines, newest }: Draft, now: number): LeaseEffect[] {
  for (const [device, { goneSince }] of newest) if (isForgotten(goneSince, now)) newest.delete(device)
  let last: number | undefined
  for (const held of lines.values())
    if (held.until !== null && held.until <= now) {
      lines.set(held.line, { ...held, until: null })
      last = Math.max(last ?? held.until, held.until)
    }
  return last === undefined || holdsAny({ lines }) ? [] : [{ kind: 'unreachable', at: last }]
}

function apply(draft: Draft, event: LeaseEvent, now: number, heldBefore: boolean): LeaseEffect[] {
  const { lines, newest } = draft
  switch (event.kind) {
    case 'looked':
      return []
    case 'opened': {
      const { line, device, order, takeOver } = event
      const older = [...lines.values()].filter((held) => held.device === device)
      const live = older.some((held) => held.until !== null)
      const known = newest.get(device)
      if (known && (compareOrders(order, known.order) <= 0 || (live && !takeOver)))
        return [
          { kind: 'outrank', line, boot: known.order.boot, live },
          { kind: 'close', line, why: 'superseded' },
        ]
      for (const held of older) lines.delete(held.line)
      lines.set(line, { line, device, n: null, until: null })
      newest.set(device, { order, goneSince: null })
      return older.flatMap((held): LeaseEffect[] => [
        { kind: 'outrank', line: held.line, boot: order.boot, live: false },
        { kind: 'close', line: held.line, why: 'replaced' },
      ])
    }
    case 'beat': {
      const held = lines.get(event.line)
      const until = Math.max(held?.until ?? 0, event.arrived + event.leaseFor)
      if (!held || until <= now) return []
      const { line, n, leaseFor } = event
      lines.set(line, { ...held, n, until })
      return [{ kind: 'grant', line, n, leaseFor, gained: held.until === null, regained: !heldBefore }]
    }
    case 'beat-in-vain': {
      const held = lines.get(event.line)
      if (!held) return []
      lines.set(event.line, { ...held, n: event.n, until: null })
      return [{ kind: 'refuse', line: event.line, n: event.n }]
    }
    case 'storage-lost': {
      const lost = [...lines.values()].filter((held) => held.until !== null)
      for (const held of lost) lines.set(held.line, { ...held, until: null })
      return lost.map((held) => ({ kind: 'refuse', line: held.line, n: held.n ?? 0 }))
    }
    case 'session-ended':
      return end(draft, event.line, now) ? [{ kind: 'close', line: event.line, why: 'sessionEnded' }] : []
    case 'ring-unanswered':
      return end(draft, event.line, now) ? [{ kind: 'close', line: event.line, why: 'ringUnanswered' }] : []
    case 'closed':
      end(draft, event.line, now)
      return []
  }
}

/** @returns whether the line was here. */
function end({ lines, newest }: Draft, line: string, now: number): boolean {
  const held = lines.get(line)
  const known = held && newest.get(held.device)
  if (known) newest.set(held.device, { ...known, goneSince: now })
  return lines.delete(line)
}

const holdsAny = ({ lines }: Pick<Draft, 'lines'>) => [...lines.values()].some((held) => held.until !== null)
