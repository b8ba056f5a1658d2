import { deleteExpiredSignInCodes } from './accounts/code-sign-in.ts'
import { deleteExpiredProofs } from './accounts/dpop-verifier.ts'
import { deleteExpiredFailedAttempts } from './accounts/failed-attempts.ts'
import { deleteExpiredKnownDevices } from './accounts/known-devices.ts'
import { deleteExpiredLinks } from './accounts/links.ts'
import { deleteExpiredRequests } from './accounts/request-rate-limit.ts'
import { deleteExpiredSessions } from './accounts/session-rows.ts'
import { dropOldAway } from './database/server-away.ts'
import type { Database } from './database/tables.ts'
import { deleteExpiredWebSessions } from './my-account/web-sessions.ts'
import { deleteExpiredFlows } from './openid/issuer-flows.ts'

/** Drops what ended long since of itself. Safe at any time; called now and then. */
export async function purge(db: Database, now: number): Promise<void> {
  await deleteExpiredSessions(db, now)
  await deleteExpiredWebSessions(db, now)
  await deleteExpiredFailedAttempts(db, now)
  await deleteExpiredKnownDevices(db, now)
  await deleteExpiredProofs(db, now)
  await deleteExpiredSignInCodes(db, now)
  await deleteExpiredLinks(db, now)
  await deleteExpiredRequests(db, now)
  await deleteExpiredFlows(db, now)
  await dropOldAway(db, now)
}
