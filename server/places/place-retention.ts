import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'

const day = 86_400_000
/** Who visited is listed for so long, and calls keep what they were. */
const visitsKeptFor = 30 * day
/** Addresses change hands: whoever was blocked by theirs is no more after so long. */
export const blocksKeptFor = 90 * day

/** @returns whether there may be more. */
export const deleteOldVisits = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'visit', 'at', now - visitsKeptFor)

export const deleteOldBlocks = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'placeBlock', 'at', now - blocksKeptFor)
