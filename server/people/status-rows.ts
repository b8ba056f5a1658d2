import type { Status } from '../../protocol/people.ts'
import { isAmong } from '../database/is-among.ts'
import type { StatusRow } from '../database/people-tables.ts'
import type { Database } from '../database/tables.ts'

/** What a person's status is at `now` (wall-clock ms): a busy that is past its end is available. */
export function statusOf(
  row: Pick<StatusRow, 'status' | 'until' | 'revision'> | undefined,
  now: number,
): Status {
  if (!row) return { status: 'available', until: null, revision: 0 }
  const { status, until, revision } = row
  if (status === 'busy' && (until === null || until <= now))
    return { status: 'available', until: null, revision }
  return { status, until: status === 'busy' ? until : null, revision }
}

export async function readStatus(db: Database, userId: string, now: number): Promise<Status> {
  const row = await db.selectFrom('status').selectAll().where('userId', '=', userId).executeTakeFirst()
  return statusOf(row, now)
}

/** By person: of all of these. */
export async function readStatuses(
  db: Database,
  userIds: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, Status>> {
  const rows = await db
    .selectFrom('status')
    .selectAll()
    .where(isAmong(db, 'userId', userIds))
    .execute()
  const found = new Map(rows.map((row) => [row.userId, row]))
  return new Map(userIds.map((userId) => [userId, statusOf(found.get(userId), now)]))
}
