import type { Kysely } from 'kysely'

/** How often a device was told why its session ended: a connection that broke may have kept it from hearing. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('sessionEnd')
    .addColumn('told', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
}
