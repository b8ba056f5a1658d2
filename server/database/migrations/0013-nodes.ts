import { type Kysely, sql } from 'kysely'

/** What several nodes of one service have to know of one another. A server that runs alone writes none of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('node')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('startedAt', 'integer', (c) => c.notNull())
    .addColumn('writtenAt', 'integer', (c) => c.notNull())
    .addColumn('drainingSince', 'integer')
    .execute()
  await db.schema
    .createTable('connectionOrder')
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('device', 'text', (c) => c.notNull())
    .addColumn('boot', 'integer', (c) => c.notNull())
    .addColumn('n', 'integer', (c) => c.notNull())
    .addColumn('connection', 'text', (c) => c.notNull())
    .addColumn('node', 'text', (c) => c.notNull())
    .addColumn('goneAt', 'integer')
    .addPrimaryKeyConstraint('connectionOrder_primary', ['userId', 'device'])
    .execute()
  await sql`create index "connectionOrder_goneAt" on "connectionOrder" ("goneAt") where "goneAt" is not null`.execute(
    db,
  )
  await db.schema.alterTable('call').addColumn('owner', 'text').execute()
  await keepStretchesByNode(db)
  await db.schema
    .createTable('bucket')
    .addColumn('name', 'text', (c) => c.notNull().primaryKey())
    .addColumn('level', 'real', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .execute()
  await sql`create index "bucket_at" on "bucket" ("at")`.execute(db)
}

/** A person may be reached over several nodes at once; a primary key is changed by making the table anew. */
async function keepStretchesByNode(db: Kysely<unknown>) {
  await db.schema.alterTable('reachability').renameTo('reachabilityBefore').execute()
  await db.schema
    .createTable('reachability')
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('node', 'text', (c) => c.notNull())
    .addColumn('from', 'integer', (c) => c.notNull())
    .addColumn('until', 'integer')
    .addPrimaryKeyConstraint('reachability_primary', ['userId', 'node'])
    .execute()
  await sql`insert into "reachability" ("userId", "node", "from", "until")
    select "userId", '', "from", "until" from "reachabilityBefore"`.execute(db)
  await db.schema.dropTable('reachabilityBefore').execute()
  await sql`create index "reachability_open" on "reachability" ("node") where "until" is null`.execute(db)
}
