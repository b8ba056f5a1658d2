import type { Kysely } from 'kysely'

/** By which settings a node runs that all of one service have to have alike; a hash, and null of an older version's. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('node').addColumn('settings', 'text').execute()
}
