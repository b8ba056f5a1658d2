import type { Kysely } from 'kysely'

/** Which nodes cannot hear one another over the bus: each says so here, where all can read it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('node')
    .addColumn('unheard', 'text', (c) => c.defaultTo('[]'))
    .execute()
}
