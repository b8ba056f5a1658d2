import { type Kysely, sql } from 'kysely'

/** Calls that somebody announced. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('expectedCall')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('callerId', 'text', (c) => c.references('user.id').onDelete('cascade'))
    // No reference: what a key announced ends when it goes, and its person is told.
    .addColumn('apiKeyId', 'text')
    .addColumn('idempotencyKey', 'text')
    .addColumn('to', 'text')
    .addColumn('from', 'text')
    .addColumn('at', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('shown', 'integer', (c) => c.notNull())
    .addColumn('atRisk', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('madeAt', 'integer', (c) => c.notNull())
    .addColumn('endedAt', 'integer')
    .addColumn('mailedAt', 'integer')
    .execute()
  await sql`create index "expectedCall_due" on "expectedCall" ("at") where "endedAt" is null`.execute(db)
  await sql`create index "expectedCall_userId" on "expectedCall" ("userId", "endedAt")`.execute(db)
  await sql`create index "expectedCall_callerId" on "expectedCall" ("callerId", "endedAt")
    where "callerId" is not null`.execute(db)
  await sql`create index "expectedCall_ended" on "expectedCall" ("endedAt") where "endedAt" is not null`.execute(
    db,
  )
  await sql`create index "expectedCall_apiKeyId" on "expectedCall" ("apiKeyId", "endedAt", "at", "id")
    where "apiKeyId" is not null`.execute(db)
  await sql`create unique index "expectedCall_key" on "expectedCall" ("apiKeyId", "idempotencyKey")
    where "idempotencyKey" is not null`.execute(db)
  // Said again it is the same call, whatever the code believes.
  await sql`create unique index "expectedCall_once" on "expectedCall" ("callerId", "userId", "at")
    where "endedAt" is null and "callerId" is not null`.execute(db)
}
