import { type Kysely, sql } from 'kysely'

/** Calls, who may place them, and the records from which "reachable" and "missed" are told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('apiKey')
    .ifNotExists()
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('hash', 'text', (c) => c.notNull().unique())
    .addColumn('createdAt', 'integer', (c) => c.notNull())
    .addColumn('usedAt', 'integer')
    .execute()
  await db.schema
    .createTable('call')
    .ifNotExists()
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('to', 'text', (c) => c.notNull())
    .addColumn('from', 'text', (c) => c.notNull())
    .addColumn('placedBy', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('answer', 'text')
    .addColumn('why', 'text')
    .addColumn('devices', 'integer', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .addColumn('endedAt', 'integer')
    .addColumn('room', 'text', (c) => c.notNull().unique())
    .addColumn('byDevice', 'text')
    .addColumn('seenAt', 'integer')
    .execute()
  // Nobody is rung by two calls at once, whatever the code believes.
  await sql`create unique index if not exists call_rings_one on call ("userId") where state in ('placed', 'ringing')`.execute(
    db,
  )
  await sql`create index if not exists call_unseen on call ("userId", "at") where state in ('missed', 'cancelled') and "seenAt" is null`.execute(
    db,
  )
  await db.schema
    .createTable('pulse')
    .ifNotExists()
    .addColumn('id', 'integer', (c) => c.notNull().primaryKey())
    .addColumn('at', 'integer', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('reachability')
    .ifNotExists()
    .addColumn('userId', 'text', (c) => c.notNull().primaryKey().references('user.id').onDelete('cascade'))
    .addColumn('from', 'integer', (c) => c.notNull())
    .addColumn('until', 'integer')
    .execute()
}
