import { type Kysely, sql } from 'kysely'

/** When this server was away, so that nobody is told of calls that it could not record. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('serverAway')
    .addColumn('from', 'integer', (c) => c.notNull())
    .addColumn('until', 'integer', (c) => c.notNull())
    .execute()
  await sql`create index server_away_until on "serverAway" ("until")`.execute(db)
  // Of the time before this table nobody knows.
  await sql`insert into "serverAway" ("from", "until") select 0, "at" from pulse`.execute(db)
}
