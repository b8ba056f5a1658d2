import { type Kysely, sql } from 'kysely'

/** Why a session was ended, for the device that it was on: it may be off, and far away, when that happens. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessionEnd')
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('device', 'text', (c) => c.notNull())
    .addColumn('sessionId', 'text', (c) => c.notNull())
    .addColumn('token', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addColumn('endedAt', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('sessionEnd_primary', ['userId', 'device'])
    .execute()
  await sql`create index "sessionEnd_sessionId" on "sessionEnd" ("sessionId")`.execute(db)
  await sql`create index "sessionEnd_token" on "sessionEnd" ("token")`.execute(db)
  await sql`create index "sessionEnd_endedAt" on "sessionEnd" ("endedAt")`.execute(db)
}
