import { sql } from 'kysely'
import type { Clock } from '../clock.ts'
import { type BucketSize, type Buckets, createBuckets, pour } from '../leaky-bucket.ts'
import { databaseNow } from './database-now.ts'
import { deleteBatch } from './delete-batch.ts'
import { isPostgres } from './dialect.ts'
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
 * what must not be had once more from each node.
 *
 * @param purpose what is counted; other purposes may have the same names.
 */
export function sharedBuckets(db: Database, purpose: string, size: BucketSize): SharedBuckets {
  const rowOf = (name: string) => `${purpose} ${name}`
  const now = databaseNow(db)

  return {
    async pour(name) {
      const elapsed = sql`case when excluded."at" > bucket."at" then excluded."at" - bucket."at" else 0 end`
      const left = sql`(bucket."level" - (${elapsed}) * cast(${size.perSecond / 1_000} as double precision))`
      const { rows } =
        await sql`insert into "bucket" as bucket ("name", "level", "at") values (${rowOf(name)}, 1, ${now})
        on conflict ("name") do update set
          "level" = 1 + case when ${left} > 0 then ${left} else 0 end,
          "at" = excluded."at"
        where ${left} + 1 <= cast(${size.atOnce} as double precision)
        returning "level"`.execute(db)
      if (rows.length > 0) return 0
      const bucket = await db
        .selectFrom('bucket')
        .select(['level', 'at', now.as('now')])
        .where('name', '=', rowOf(name))
        .executeTakeFirst()
      // It ran out this moment, or is so good as out: then another try is let in.
      return bucket ? Math.max(1, pour(bucket, size, bucket.now).wait) : 1
    },
    async takeBack(name) {
      await db
        .updateTable('bucket')
        .set({ level: sql<number>`case when "level" > 1 then "level" - 1 else 0 end` })
        .where('name', '=', rowOf(name))
        .execute()
    },
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
