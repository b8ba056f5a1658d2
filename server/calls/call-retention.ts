import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'

/**
 * Drops calls that were over for so many ms, seen or not, and their legs with them. What is not over stays.
 *
 * @returns whether there may be more of them.
 */
export const deleteOldCalls = (db: Database, now: number, keptFor: number): Promise<boolean> =>
  deleteBatch(db, 'call', 'endedAt', now - keptFor)
