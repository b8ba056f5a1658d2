import type { Generated, Selectable } from 'kysely'

export interface CallTable {
  id: string
  userId: string
  /** The node that drives it while it is not over; null where a server runs alone, or while no node does. */
  owner: Generated<string | null>
  /** As the caller wrote it; of a person's, what the callee was called then, as `from` is what the caller was. */
  to: string
  from: string
  /** Who may see and cancel it: an API key's id, `operator`, or `person:` and the id of the person who placed it. */
  placedBy: string
  /** The person who placed it, and on which device; null of a program's. */
  callerId: Generated<string | null>
  callerDevice: Generated<string | null>
  /**
   * Why the person who calls is told of it as of one to somebody offline: the callee was invisible as it was placed, or
   * as a device of theirs was to ring, and it rings; or has blocked them, and it rings nowhere.
   */
  hidden: Generated<'invisible' | 'blocked' | null>
  /** What the callee said as they declined. */
  reply: Generated<string | null>
  /** The callee's own id of the call by which they called back, which answered this one. */
  answerKey: Generated<string | null>
  /** The visit of a place that it is for; null of every other. One visit has a call for each member that it rings. */
  visit: Generated<string | null>
  /** Until when the callee had chosen to be busy, for this caller too. Nobody is told but with `busy`. */
  busyUntil: Generated<number | null>
  /** The caller's own id of it: one caller makes one call with it. */
  idempotencyKey: string | null
  state: 'placed' | 'ringing' | 'waiting' | 'answered' | 'declined' | 'cancelled' | 'missed'
  /** What the caller was told first. */
  disposition: 'ringing' | 'unreachable' | 'busy' | null
  /** Never null of one that was missed or cancelled. */
  why: 'unreachable' | 'no-answer' | 'cancelled' | 'busy' | 'server-restarted' | null
  /** How many devices ring now. */
  devices: number
  /** Which of the calls that may ring one person at once it is, from 1; null for one that never could: a person's rings nowhere. */
  appearance: number | null
  at: number
  /** For how many seconds it waits when nobody can be reached. */
  waitFor: Generated<number>
  /** When it ends by itself. */
  deadline: Generated<number>
  endedAt: number | null
  room: string
  /** The device that answered or declined. */
  byDevice: string | null
  /** When the callee saw that it was missed. */
  seenAt: number | null
  /** When a mail about it was put into the outbox, or that none is to be sent. */
  mailedAt: number | null
}

/** What one device did about one call, as far as it has come. */
export interface CallLegTable {
  call: string
  device: string
  state: 'asked' | 'acknowledged' | 'unanswered' | 'lost' | 'answered' | 'declined'
  askedAt: number
  acknowledgedAt: number | null
}

export type CallRow = Selectable<CallTable>
export type CallLegRow = Selectable<CallLegTable>
