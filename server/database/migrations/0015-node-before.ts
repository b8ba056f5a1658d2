import type { Kysely } from 'kysely'

/** Where a device's connection was before its newest one: it may have a lease there until the newest has its own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('connectionOrder').addColumn('nodeBefore', 'text').execute()
}
