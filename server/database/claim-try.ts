import type { Database } from './tables.ts'

/** Rows that are tried until they are over: `nextAt`, wall-clock ms, says when next, and null that they are. */
type TriedTable = 'mail' | 'webhookDelivery'

/**
 * Counts a try before anything is done. Whoever counts it has the row until `nextAt`, wall-clock ms, or until they write
 * down what became of it: of several nodes that found it waiting one does.
 *
 * @returns how many tries there were with this one; undefined when somebody else has it.
 */
export async function claimTry(
  db: Database,
  table: TriedTable,
  { id, tries }: { readonly id: string; readonly tries: number },
  nextAt: number,
): Promise<number | undefined> {
  const { numUpdatedRows } = await db
    .updateTable(table)
    .set({ nextAt, tries: tries + 1 })
    .where('id', '=', id)
    .where('tries', '=', tries)
    .where('nextAt', 'is not', null)
    .executeTakeFirst()
  return Number(numUpdatedRows) === 1 ? tries + 1 : undefined
}
