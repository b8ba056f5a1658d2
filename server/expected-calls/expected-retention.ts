import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'

/** What became of an expected call is remembered for so long, in ms; so is the key by which it was announced. */
const rememberedFor = 30 * 86_400_000

/** Drops expected calls that were over long ago. @returns whether there may be more of them. */
export const deleteOldExpectedCalls = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'expectedCall', 'endedAt', now - rememberedFor)
