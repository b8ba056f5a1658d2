import { randomBytes, randomUUID } from 'node:crypto'
import type { Account } from '../../protocol/line.ts'
import type { CallRow, Database } from '../database/tables.ts'
import { type CallEvent, type CallLife, isOver, liveOn, newCall } from './call-life.ts'

export interface NewCall {
  readonly callee: Account
  /** As the caller wrote it. */
  readonly to: string
  readonly from: string
  readonly placedBy: string
}

/** Writes a call down before anybody hears of it: as placed, or as missed when the person is being rung already. */
export function writeCall(db: Database, call: NewCall, now: number): Promise<CallRow> {
  return db.transaction().execute(async (transaction) => {
    const ringing = await transaction
      .selectFrom('call')
      .select('id')
      .where('userId', '=', call.callee.id)
      .where('state', 'in', ['placed', 'ringing'])
      .executeTakeFirst()
    const life = ringing ? liveOn(newCall, { kind: 'busy' }, now) : newCall
    const row: CallRow = {
      ...life,
      id: randomUUID(),
      userId: call.callee.id,
      to: call.to,
      from: call.from,
      placedBy: call.placedBy,
      at: now,
      room: randomBytes(16).toString('base64url'),
      seenAt: null,
      mailedAt: null,
    }
    await transaction.insertInto('call').values(row).execute()
    return row
  })
}

export const readCall = (db: Database, id: string): Promise<CallRow | undefined> =>
  db.selectFrom('call').selectAll().where('id', '=', id).executeTakeFirst()

export const ringingCallsOf = (db: Database, userId: string): Promise<CallRow[]> =>
  db
    .selectFrom('call')
    .selectAll()
    .where('userId', '=', userId)
    .where('state', 'in', ['placed', 'ringing'])
    .orderBy('at')
    .execute()

export interface Change {
  readonly row: CallRow
  /** False when the event came too late, or changed nothing. */
  readonly changed: boolean
}

/**
 * Lets an event happen to a call by compare-and-set, so that of two at once the first wins wherever they
 * come from. @returns undefined when there is no such call.
 */
export async function changeCall(
  db: Database,
  id: string,
  event: CallEvent,
  now: number,
): Promise<Change | undefined> {
  for (;;) {
    const row = await readCall(db, id)
    if (!row) return undefined
    const before: CallLife = row
    const after = liveOn(before, event, now)
    if (after === before) return { row, changed: false }
    const { state, answer, devices, why, byDevice, endedAt } = after
    const result = await db
      .updateTable('call')
      .set({ state, answer, devices, why, byDevice, endedAt })
      .where('id', '=', id)
      .where('state', '=', row.state)
      .where('devices', '=', row.devices)
      .executeTakeFirst()
    if (Number(result.numUpdatedRows) === 1)
      return { row: { ...row, state, answer, devices, why, byDevice, endedAt }, changed: true }
  }
}

/** Every call that a stopped server left ringing becomes missed. @returns how many. */
export async function endAllRinging(db: Database, now: number): Promise<CallRow[]> {
  const rows = await db.selectFrom('call').selectAll().where('state', 'in', ['placed', 'ringing']).execute()
  const ended: CallRow[] = []
  for (const { id } of rows) {
    const change = await changeCall(db, id, { kind: 'server-restarted' }, now)
    if (change?.changed && isOver(change.row)) ended.push(change.row)
  }
  return ended
}
