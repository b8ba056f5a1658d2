import { sql } from 'kysely'
import type { Clock } from '../clock.ts'
import { type BucketSize, type Buckets, createBuckets, pour } from '../leaky-bucket.ts'
import { databaseNow } from './database-now.ts'
import { deleteBatch } from './delete-batch.ts'
import { isPostgres } from './dialect.ts'
import { laneOf } from './postgres-database.ts'
import type { Database } from './tables.ts'

/** Buckets of one size by name, as `Buckets`, which may be those of several nodes. */
export interface SharedBuckets {
  /** Puts one more in, if there is room. @returns how many ms until there is; 0 when there was. */
  pour(name: string): Promise<number>
  /** Takes back what was put in. */
  takeBack(name: string): Promise<void>
}

/** The buckets of a server alone: in memory. @param now monotonic ms. */
export function ownBuckets(size: BucketSize, now: () => number): SharedBuckets {
  const buckets: Buckets = createBuckets(size)
  return {
    pour: async (name) => buckets.pour(name, now()),
    takeBack: async (name) => buckets.takeBack(name),
  }
}

/**
 * Buckets that all nodes pour into, exactly: one row each, by the database's clock. Each costs a write, so this is for
 * what must not be had once more from each node. Of one bucket all who come while it is written wait, and are then poured
 * in together: so a crowd costs a few writes.
 *
 * @param purpose what is counted; other purposes may have the same names.
 */
export function sharedBuckets(db: Database, purpose: string, size: BucketSize): SharedBuckets {
  const counts = laneOf(db, 'calls')
  const rowOf = (name: string) => `${purpose} ${name}`
  const now = databaseNow(db)

  /** Puts so many in, or none. @returns whether they are in. */
  const pourAll = async (name: string, many: number): Promise<boolean> => {
    const elapsed = sql`case when excluded."at" > bucket."at" then excluded."at" - bucket."at" else 0 end`
    const left = sql`(bucket."level" - (${elapsed}) * cast(${size.perSecond / 1_000} as double precision))`
    const { rows } =
      await sql`insert into "bucket" as bucket ("name", "level", "at") values (${rowOf(name)}, ${many}, ${now})
      on conflict ("name") do update set
        "level" = excluded."level" + case when ${left} > 0 then ${left} else 0 end,
        "at" = excluded."at"
      where ${left} + excluded."level" <= cast(${size.atOnce} as double precision)
      returning "level"`.execute(counts)
    return rows.length > 0
  }

  /** The clock was set back: what is in runs out from now on, and not once the clock has caught up. */
  const setBack = (name: string) =>
    counts
      .updateTable('bucket')
      .set({ at: now })
      .where('name', '=', rowOf(name))
      .where('at', '>', now)
      .execute()

  /** Puts in as many of so many as there is room for. @returns how many, and how long the others wait, in ms. */
  const pourSome = async (name: string, many: number): Promise<Poured> => {
    let fitting = Math.min(many, Math.floor(size.atOnce))
    for (let tries = 1; ; tries += 1) {
      const poured = fitting > 0 && (await pourAll(name, fitting)) ? fitting : 0
      if (poured === many) return { poured, wait: 0 }
      const bucket = await counts
        .selectFrom('bucket')
        .select(['level', 'at', now.as('now')])
        .where('name', '=', rowOf(name))
        .executeTakeFirst()
      if (bucket && bucket.at > bucket.now) await setBack(name)
      const next = bucket && pour(bucket, size, bucket.now)
      // Where it ran out this moment, or is so good as out, another try is let in.
      const wait = Math.max(1, next?.wait ?? 1)
      if (poured > 0 || next?.wait !== 0 || tries === mostTries) return { poured, wait }
      fitting = Math.min(many, 1 + Math.floor(size.atOnce - next.bucket.level))
    }
  }

  return {
    pour: together(pourSome),
    async takeBack(name) {
      await counts
        .updateTable('bucket')
        .set({ level: sql<number>`case when "level" > 1 then "level" - 1 else 0 end` })
        .where('name', '=', rowOf(name))
        .execute()
    },
  }
}

/** Others pour too: after so many looks whoever found room each time, and then none, waits like the others. */
const mostTries = 5

interface Poured {
  readonly poured: number
  readonly wait: number
}

/** Pours for one name at a time: those that come meanwhile are next, together. First come, first in. */
function together(
  pourSome: (name: string, many: number) => Promise<Poured>,
): (name: string) => Promise<number> {
  type Waiting = ReturnType<typeof Promise.withResolvers<number>>
  const waiting = new Map<string, Waiting[]>()

  const work = async (name: string) => {
    for (let those = waiting.get(name); those && those.length > 0; those = waiting.get(name)) {
      waiting.set(name, [])
      try {
        const { poured, wait } = await pourSome(name, those.length)
        for (const [n, { resolve }] of those.entries()) resolve(n < poured ? 0 : wait)
      } catch (error) {
        for (const { reject } of those) reject(error)
      }
    }
    waiting.delete(name)
  }

  return (name) => {
    const one = Promise.withResolvers<number>()
    const others = waiting.get(name)
    if (others) others.push(one)
    else {
      waiting.set(name, [one])
      void work(name)
    }
    return one.promise
  }
}

/** Those of all nodes where the database is theirs, those of this server where it is alone. */
export const bucketsOf = (
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  purpose: string,
  size: BucketSize,
): SharedBuckets => (isPostgres(db) ? sharedBuckets(db, purpose, size) : ownBuckets(size, clock.monotonic))

/** Longer than any bucket takes to run out, in ms. */
const emptyAfter = 3_600_000

/** Drops buckets that nobody has poured into for so long that they are empty. @param now wall-clock ms. */
export const deleteEmptyBuckets = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'bucket', 'at', now - emptyAfter)
