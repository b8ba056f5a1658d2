import { setTimeout as delay } from 'node:timers/promises'
import { deleteOldEntries } from './accounts/audit.ts'
import { deleteIdleCounts } from './accounts/audit-rate-limit.ts'
import { deleteExpiredSignInCodes } from './accounts/code-sign-in.ts'
import { deleteExpiredProofs } from './accounts/dpop-verifier.ts'
import { deleteExpiredFailedAttempts } from './accounts/failed-attempts.ts'
import { deleteExpiredKnownDevices } from './accounts/known-devices.ts'
import { deleteExpiredLinks } from './accounts/links.ts'
import { endSurplusSessions } from './accounts/open-session.ts'
import { deleteExpiredRequests } from './accounts/request-rate-limit.ts'
import { deleteOldSessionEnds } from './accounts/session-ends.ts'
import { deleteExpiredSessions } from './accounts/session-rows.ts'
import { deleteOldCalls } from './calls/call-retention.ts'
import { hasClockLeapt } from './database/clock-leap.ts'
import { dropOldAway } from './database/server-away.ts'
import { deleteEmptyBuckets } from './database/shared-buckets.ts'
import type { Database } from './database/tables.ts'
import { deleteOldExpectedCalls } from './expected-calls/expected-retention.ts'
import { deleteOldMails } from './mail/outbox.ts'
import { deleteForgottenMessages, deleteOldMessages } from './messages/message-retention.ts'
import { deleteExpiredWebSessions } from './my-account/web-sessions.ts'
import { deleteExpiredFlows } from './openid/issuer-flows.ts'
import { deleteOldEvents } from './people/account-events.ts'
import { deleteOldBlocks, deleteOldVisits } from './places/place-retention.ts'
import { deleteDeadNodes, deleteGoneConnections } from './presence/connection-order.ts'
import { deleteOldDeliveries } from './webhooks/webhook-queue.ts'

/** For how long, in ms, what the operator may say is kept. */
export interface Retention {
  readonly auditKeptFor: number
  readonly callsKeptFor: number
  readonly messagesKeptFor: number
}

export interface PurgeOptions {
  /** So many batches of each kind at most; what is left goes the next time. */
  readonly batches?: number
  /** Ends it after the batch that is under way. */
  readonly signal?: AbortSignal
}

/** Heartbeats and calls have so long, in ms, between one batch and the next. */
const pause = 20

/** @returns whether there may be more. */
type Drop = (db: Database, now: number, retention: Retention) => Promise<boolean>

const drops: readonly Drop[] = [
  deleteExpiredSessions,
  endSurplusSessions,
  deleteExpiredWebSessions,
  deleteExpiredFailedAttempts,
  deleteExpiredKnownDevices,
  deleteOldSessionEnds,
  deleteExpiredProofs,
  deleteExpiredSignInCodes,
  deleteExpiredLinks,
  deleteExpiredRequests,
  deleteExpiredFlows,
  deleteIdleCounts,
  deleteEmptyBuckets,
  dropOldAway,
  deleteOldMails,
  deleteGoneConnections,
  deleteDeadNodes,
  deleteOldEvents,
  deleteOldDeliveries,
  deleteForgottenMessages,
  deleteOldBlocks,
]

/** What tells what was, and is nowhere else: it does not go by a clock that has just leapt. */
const recordDrops: readonly Drop[] = [
  (db, now, { callsKeptFor }) => deleteOldCalls(db, now, callsKeptFor),
  deleteOldExpectedCalls,
  deleteOldVisits,
  (db, now, { messagesKeptFor }) => deleteOldMessages(db, now, messagesKeptFor),
  (db, now, { auditKeptFor }) => deleteOldEntries(db, now, auditKeptFor),
]

/**
 * Drops what ended long since of itself, a batch at a time. Safe at any time; called now and then.
 *
 * @returns whether calls and entries of the record are held for a day, since the clock has leapt.
 * @throws what kept something from being dropped, once everything else is.
 */
export async function purge(
  db: Database,
  now: number,
  retention: Retention,
  { batches = 200, signal }: PurgeOptions = {},
): Promise<boolean> {
  const failures: unknown[] = []
  const isHeld = await hasClockLeapt(db, now)
  for (const drop of isHeld ? drops : [...drops, ...recordDrops])
    await inBatches(() => drop(db, now, retention), batches, signal).catch((error) => failures.push(error))
  if (failures.length > 0) throw failures[0]
  return isHeld
}

async function inBatches(
  drop: () => Promise<boolean>,
  batches: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let n = 0; n < batches && signal?.aborted !== true; n += 1) {
    if (!(await drop())) return
    if (n + 1 < batches) await delay(pause)
  }
}
