import { sql } from 'kysely'
import type { AccountChange, AccountEvent } from '../../protocol/people.ts'
import type { Bus } from '../bus/bus.ts'
import { personSubject } from '../bus/person-message.ts'
import { deleteBatch } from '../database/delete-batch.ts'
import { isPostgres } from '../database/dialect.ts'
import type { Database } from '../database/tables.ts'

/** Events are kept for so long, in ms, and of each account so many at most, give or take `trimEvery`. */
const keptFor = 30 * 86_400_000
export const mostKept = 2_000
const trimEvery = 100

/** A change, and whose account it is in. */
export interface ChangeOf {
  readonly userId: string
  readonly change: AccountChange
}

/** By account: the number of its last event. What `publishEvents` tells of. */
export type Appended = ReadonlyMap<string, number>

/**
 * Writes events down, those of one account in the order in which they stand. To be called in the transaction that makes
 * them so, and last in it: whoever else has news of the same account waits from here until it is committed.
 *
 * @param trx a transaction. Of an account that is gone nothing is written.
 * @param now wall-clock ms.
 */
export async function appendEvents(
  trx: Database,
  changes: readonly ChangeOf[],
  now: number,
): Promise<Appended> {
  const byUser = Map.groupBy(changes, ({ userId }) => userId)
  const appended = new Map<string, number>()
  // In one order, so that no two wait for each other.
  for (const [userId, own] of [...byUser].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const last = await count(trx, userId, own.length)
    if (last === undefined) continue
    const first = last - own.length + 1
    await trx
      .insertInto('accountEvent')
      .values(
        own.map(({ change }, n) => ({ userId, seq: first + n, at: now, change: JSON.stringify(change) })),
      )
      .execute()
    if (Math.floor(last / trimEvery) > Math.floor((first - 1) / trimEvery))
      await trx
        .deleteFrom('accountEvent')
        .where('userId', '=', userId)
        .where('seq', '<=', last - mostKept)
        .execute()
    appended.set(userId, last)
  }
  return appended
}

/** @returns the number of the last of so many further events; undefined where there is no such account. */
async function count(trx: Database, userId: string, many: number): Promise<number | undefined> {
  const { rows } = await sql<{ seq: number }>`insert into "accountCounter" ("userId", "seq")
    select "id", cast(${many} as integer) from "user" where "id" = ${userId} and "deletedAt" is null
    on conflict ("userId") do update set "seq" = "accountCounter"."seq" + excluded."seq"
    returning "seq"`.execute(trx)
  return rows[0]?.seq
}

/** Tells whoever holds connections of these people that there is more to read. To be called once it is committed. */
export function publishEvents(bus: Pick<Bus, 'publish'>, appended: Appended): void {
  for (const [userId, until] of appended) bus.publish(personSubject(userId), { kind: 'events', until })
}

/** By account: the number of its last event; 0 where there is none. */
export async function lastEvents(
  db: Database,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('accountCounter')
    .select(['userId', 'seq'])
    .where('userId', 'in', [...userIds])
    .execute()
  const found = new Map(rows.map(({ userId, seq }) => [userId, seq]))
  return new Map(userIds.map((userId) => [userId, found.get(userId) ?? 0]))
}

/**
 * Of people whose last events are another than these, the last now; 0 where there is none. Mostly there is nobody, and
 * nothing is read but their numbers.
 *
 * @param known by person: null where nothing is known.
 */
export async function otherLastEvents(
  db: Database,
  known: ReadonlyMap<string, number | null>,
): Promise<ReadonlyMap<string, number>> {
  const json = JSON.stringify(Object.fromEntries(known.entries().map(([userId, seq]) => [userId, seq ?? -1])))
  const each = isPostgres(db)
    ? sql`jsonb_each_text(cast(${json} as jsonb)) as "known" ("key", "value")`
    : sql`json_each(${json}) as "known"`
  const last = sql<number>`coalesce("accountCounter"."seq", 0)`
  const { rows } = await sql<{
    userId: string
    seq: number
  }>`select "known"."key" as "userId", ${last} as "seq"
    from ${each} left join "accountCounter" on "accountCounter"."userId" = "known"."key"
    where ${last} <> cast("known"."value" as bigint)`.execute(db)
  return new Map(rows.map(({ userId, seq }) => [userId, seq]))
}

/**
 * The events that come after one, in their order, so many at most.
 *
 * @returns `too-old` where the next is kept no longer, or where there never were so many.
 */
export async function eventsAfter(
  db: Database,
  userId: string,
  after: number,
  most: number,
): Promise<readonly AccountEvent[] | 'too-old'> {
  const rows = await db
    .selectFrom('accountEvent')
    .select(['seq', 'change'])
    .where('userId', '=', userId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(most)
    .execute()
  if (rows.length === 0) {
    const last = (await lastEvents(db, [userId])).get(userId)
    if (last === after) return []
    // One that came between the two looks is there at the next.
    const [next] = await db
      .selectFrom('accountEvent')
      .select('seq')
      .where('userId', '=', userId)
      .where('seq', '=', after + 1)
      .execute()
    return next ? eventsAfter(db, userId, after, most) : 'too-old'
  }
  // A clock that was set back may have had an event go before those that were written earlier.
  if (rows.some(({ seq }, n) => seq !== after + 1 + n)) return 'too-old'
  return rows.map(({ seq, change }) => ({ seq, change: JSON.parse(change) as AccountChange }))
}

/** Drops events that are kept no longer: who has none after them is told everything anew. */
export const deleteOldEvents = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'accountEvent', 'at', now - keptFor)
