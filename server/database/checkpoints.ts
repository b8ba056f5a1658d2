import { sql } from 'kysely'
import type { Clock } from '../clock.ts'
import { every } from '../every.ts'
import type { Database } from './tables.ts'

const checkpointEvery = 10_000

/**
 * Carries what was written ahead into the database file, now and then, so that no call has to wait for
 * it: by itself SQLite does that in the middle of whichever write is the thousandth.
 *
 * @returns what the shared tick calls. It never rejects: SQLite does it again when the log has grown.
 */
export const checkpoints = (db: Database, clock: Clock): (() => Promise<void>) =>
  every(clock, checkpointEvery, async () => {
    await sql`pragma wal_checkpoint(passive)`.execute(db).catch(() => {})
  })
