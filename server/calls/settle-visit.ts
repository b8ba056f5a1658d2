import type { CallRow } from '../database/call-tables.ts'
import type { Database } from '../database/tables.ts'

/**
 * What the end of a call makes of the visit that it is for, and the visit of that end. The first answer has the visitor, if
 * their page is still there; every other call of the visit ends as answered by that device, so that no colleague has missed
 * it or opens an empty room. Nobody answers a visitor who is gone: that is told as what it is.
 *
 * @param transaction in which the call has just been written. @param row as it was written; over.
 * @returns the row as it is to be; the same where nothing else came first.
 */
export async function settleVisit(transaction: Database, row: CallRow): Promise<CallRow> {
  const { id, visit, state, endedAt, byDevice } = row
  if (visit === null || endedAt === null) return row
  if (state === 'answered') {
    const { numUpdatedRows } = await transaction
      .updateTable('visit')
      .set({ state: 'answered', callId: id, device: byDevice, endedAt })
      .where('id', '=', visit)
      .where('endedAt', 'is', null)
      .where('leaseUntil', '>', endedAt)
      .executeTakeFirst()
    if (Number(numUpdatedRows) > 0) return row
  }
  const known = await transaction
    .selectFrom('visit')
    .select(['state', 'callId', 'device'])
    .where('id', '=', visit)
    .executeTakeFirst()
  const settled = outcomeIn(row, known)
  if (settled === row) return row
  const { disposition, why, reply } = settled
  await transaction
    .updateTable('call')
    .set({ state: settled.state, disposition, why, byDevice: settled.byDevice, reply })
    .where('id', '=', id)
    .execute()
  return settled
}

function outcomeIn(
  row: CallRow,
  visit:
    | { readonly state: string; readonly callId: string | null; readonly device: string | null }
    | undefined,
): CallRow {
  if (visit?.state === 'answered' && visit.callId !== row.id)
    return {
      ...row,
      ...({ state: 'answered', why: null, reply: null } as const),
      disposition: row.disposition ?? 'ringing',
      byDevice: visit.device,
    }
  if (row.state === 'answered') return { ...row, state: 'cancelled', why: 'cancelled', byDevice: null }
  return row
}
