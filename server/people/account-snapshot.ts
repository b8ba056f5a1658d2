import type { AccountChange } from '../../protocol/people.ts'
import type { Database } from '../database/tables.ts'
import { lastEvents } from './account-events.ts'
import { readContacts } from './contact-rows.ts'
import { readStatus } from './status-rows.ts'

/** A part of all that a device without any is told: what replaying every event there ever was would come to. */
export type SnapshotPart = (trx: Database, userId: string, now: number) => Promise<readonly AccountChange[]>

/** How everything of an account is at one moment, which is after event `until`. */
export interface Snapshot {
  readonly items: readonly AccountChange[]
  readonly until: number
}

export const peopleSnapshot: SnapshotPart = async (trx, userId, now) => [
  { kind: 'status', status: await readStatus(trx, userId, now) },
  ...(await readContacts(trx, userId)).map((contact) => ({ kind: 'contact', contact }) as const),
]

export const readSnapshot = (
  db: Database,
  parts: readonly SnapshotPart[],
  userId: string,
  now: number,
): Promise<Snapshot> =>
  db.transaction().execute(async (trx) => {
    const until = (await lastEvents(trx, [userId])).get(userId) ?? 0
    const items: AccountChange[] = []
    for (const part of parts) items.push(...(await part(trx, userId, now)))
    return { items, until }
  })
