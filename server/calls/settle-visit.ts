import type { CallRow } from '../database/call-tables.ts'
import { locked } from '../database/locking.ts'
import type { Database } from '../database/tables.ts'

export interface Settled {
  /** The call as it is to be; the same row where nothing else came first. */
  readonly row: CallRow
  /** Colleagues who had missed the visit until now. */
  readonly unmissed: readonly string[]
}

/**
 * What the end of a call makes of the visit that it is for, and the visit of that end. The first answer has the visitor, if
 * their page is still there; every other call of the visit that nobody declined is answered by that device, whether it ends
 * after it or has ended before, so that no colleague has missed it or opens an empty room. Nobody answers a visitor who is
 * gone: that is told as what it is.
 *
 * @param transaction in which the call has just been written. @param row as it was written; over.
 */
export async function settleVisit(transaction: Database, row: CallRow): Promise<Settled> {
  const { id, visit, state, endedAt, byDevice } = row
  if (visit === null || endedAt === null) return { row, unmissed: [] }
  if (state === 'answered') {
    const { numUpdatedRows } = await transaction
      .updateTable('visit')
      .set({ state: 'answered', callId: id, device: byDevice, endedAt })
      .where('id', '=', visit)
      .where('endedAt', 'is', null)
      .where('leaseUntil', '>', endedAt)
      .executeTakeFirst()
    if (Number(numUpdatedRows) > 0) return { row, unmissed: await unmiss(transaction, row, visit) }
  }
  const settled = outcomeIn(row, await readLocked(transaction, visit))
  if (settled === row) return { row, unmissed: [] }
  const { disposition, why, reply } = settled
  await transaction
    .updateTable('call')
    .set({ state: settled.state, disposition, why, byDevice: settled.byDevice, reply })
    .where('id', '=', id)
    .execute()
  return { row: settled, unmissed: [] }
}

/** Whether a call that is placed for this visit now is placed for nobody. */
export async function isVisitOver(transaction: Database, visit: string): Promise<boolean> {
  const known = await readLocked(transaction, visit)
  return known === undefined || known.endedAt !== null
}

/** Whoever answers it meanwhile waits for this transaction, and finds what it has written. */
const readLocked = (transaction: Database, visit: string) =>
  locked(transaction)(
    transaction.selectFrom('visit').select(['state', 'callId', 'device', 'endedAt']).where('id', '=', visit),
  ).executeTakeFirst()

/** @returns whose calls of this visit are missed no more. */
async function unmiss(transaction: Database, { id, byDevice }: CallRow, visit: string): Promise<string[]> {
  const rows = await transaction
    .updateTable('call')
    .set({ state: 'answered', why: null, reply: null, byDevice })
    .where('visit', '=', visit)
    .where('id', '<>', id)
    .where('state', 'in', ['missed', 'cancelled'])
    .returning('userId')
    .execute()
  return rows.map(({ userId }) => userId)
}

function outcomeIn(row: CallRow, visit: Awaited<ReturnType<typeof readLocked>>): CallRow {
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
