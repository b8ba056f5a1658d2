import { type ColumnBuilderCallback, type Kysely, sql } from 'kysely'
import { hasColumn } from '../schema-steps.ts'

/** The outbox, the links that mails carry, what is counted by the hour, and how people want to be written to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('mail')
    .ifNotExists()
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('userId', 'text', (c) => c.references('user.id').onDelete('cascade'))
    .addColumn('to', 'text', (c) => c.notNull())
    .addColumn('language', 'text', (c) => c.notNull())
    .addColumn('values', 'text')
    .addColumn('madeAt', 'integer', (c) => c.notNull())
    .addColumn('uselessAt', 'integer', (c) => c.notNull())
    .addColumn('tries', 'integer', (c) => c.notNull())
    .addColumn('nextAt', 'integer')
    .addColumn('sentAt', 'integer')
    .addColumn('failed', 'text')
    .execute()
  await sql`create index if not exists mail_waiting on mail ("nextAt") where "nextAt" is not null`.execute(db)
  await db.schema
    .createTable('link')
    .ifNotExists()
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.unique())
    .addColumn('userId', 'text', (c) => c.references('user.id').onDelete('cascade'))
    .addColumn('email', 'text', (c) => c.notNull())
    .addColumn('name', 'text')
    .addColumn('language', 'text')
    .addColumn('madeAt', 'integer', (c) => c.notNull())
    .addColumn('diesAt', 'integer', (c) => c.notNull())
    .addColumn('endedAt', 'integer')
    .addColumn('endedBy', 'text')
    .execute()
  await sql`create index if not exists link_email on link ("email")`.execute(db)
  await sql`create index if not exists link_user on link ("userId")`.execute(db)
  await db.schema
    .createTable('asked')
    .ifNotExists()
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .execute()
  await sql`create index if not exists asked_key on asked ("key", "at")`.execute(db)

  await addColumn(db, 'user', 'language', 'text')
  await addColumn(db, 'user', 'mailMissed', 'integer', (c) => c.notNull().defaultTo(1))
  await addColumn(db, 'user', 'mailNames', 'integer', (c) => c.notNull().defaultTo(0))
  // What was missed before anybody was written to is no news.
  await addColumn(db, 'call', 'mailedAt', 'integer')
  await sql`create index if not exists call_unmailed on call ("userId", "at") where "mailedAt" is null and "why" = 'unreachable'`.execute(
    db,
  )
  await sql`update call set "mailedAt" = "at" where "mailedAt" is null`.execute(db)
}

/** SQLite cannot add a column "if not exists". */
async function addColumn(
  db: Kysely<unknown>,
  table: string,
  column: string,
  type: 'text' | 'integer',
  more: ColumnBuilderCallback = (c) => c,
) {
  if (await hasColumn(db, table, column)) return
  await db.schema.alterTable(table).addColumn(column, type, more).execute()
}
