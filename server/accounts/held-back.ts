import type { Database } from '../database/tables.ts'
import { countMore } from './audit-rate-limit.ts'

/**
 * Refusals that are neither answered one by one nor recorded, since too many came from their address (`countRefusal`).
 * A flood of them costs no write: they are counted in memory, and go to what the record says of how many more there
 * were with the next look at that. A server that is killed forgets those of the last seconds.
 */

interface HeldBack {
  readonly count: number
  /** Wall-clock ms of the first. */
  readonly since: number
}

/** By kind of entry, of each server: it has one connection to its database. */
const heldBack = new WeakMap<Database, Map<string, HeldBack>>()

/** Counts refusals at `now` that are not to be recorded. @param db the server's own, and no transaction. */
export function holdBack(db: Database, what: string, { count, since }: HeldBack): void {
  const counts = heldBack.get(db) ?? new Map<string, HeldBack>()
  const before = counts.get(what)
  counts.set(what, { count: (before?.count ?? 0) + count, since: before?.since ?? since })
  heldBack.set(db, counts)
}

/** Counts in the database what was held back until now. @throws when it cannot; then it is held back still. */
export async function countHeldBack(db: Database): Promise<void> {
  const counts = heldBack.get(db)
  if (!counts) return
  heldBack.delete(db)
  try {
    await db.transaction().execute(async (transaction) => {
      for (const [what, { count, since }] of counts) await countMore(transaction, what, count, since)
    })
  } catch (error) {
    for (const [what, held] of counts) holdBack(db, what, held)
    throw error
  }
}
