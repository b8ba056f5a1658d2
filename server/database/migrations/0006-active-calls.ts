import { type Kysely, sql } from 'kysely'

/** Several calls may ring one person; each keeps its deadline, its caller's key, and what each device did. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index if exists call_rings_one`.execute(db)
  await sql`alter table call rename column "answer" to "disposition"`.execute(db)
  for (const column of ['waitFor', 'deadline'])
    await db.schema
      .alterTable('call')
      .addColumn(column, 'integer', (c) => c.notNull().defaultTo(0))
      .execute()
  await db.schema.alterTable('call').addColumn('idempotencyKey', 'text').execute()
  await db.schema
    .alterTable('call')
    .addColumn('appearance', 'integer', (c) => c.check(sql`"appearance" between 1 and 5`))
    .execute()
  // Nobody is rung by more than five calls at once, whatever the code believes.
  await sql`create unique index call_appearance on call ("userId", coalesce("appearance", 1)) where state in ('placed', 'ringing', 'waiting')`.execute(
    db,
  )
  await sql`create unique index call_idempotency on call ("placedBy", "idempotencyKey") where "idempotencyKey" is not null`.execute(
    db,
  )
  await db.schema
    .createTable('callLeg')
    .addColumn('call', 'text', (c) => c.notNull().references('call.id').onDelete('cascade'))
    .addColumn('device', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('askedAt', 'integer', (c) => c.notNull())
    .addColumn('acknowledgedAt', 'integer')
    .addPrimaryKeyConstraint('call_leg_of_device', ['call', 'device'])
    .execute()
}
