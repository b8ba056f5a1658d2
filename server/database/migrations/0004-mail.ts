import { type Kysely, sql } from 'kysely'

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

  await addColumn(db, 'user', 'language', sql`text`)
  await addColumn(db, 'user', 'mailMissed', sql`integer not null default 1`)
  await addColumn(db, 'user', 'mailNames', sql`integer not null default 0`)
  // What was missed before anybody was written to is no news.
  await addColumn(db, 'call', 'mailedAt', sql`integer`)
  await sql`create index if not exists call_unmailed on call ("userId", "at") where "mailedAt" is null and "why" = 'unreachable'`.execute(
    db,
  )
  await sql`update call set "mailedAt" = "at" where "mailedAt" is null`.execute(db)
}

/** SQLite cannot add a column "if not exists". */
async function addColumn(db: Kysely<unknown>, table: string, column: string, type: ReturnType<typeof sql>) {
  const { rows } = await sql`select 1 from pragma_table_info(${table}) where name = ${column}`.execute(db)
  if (rows.length > 0) return
  await sql`alter table ${sql.table(table)} add column ${sql.id(column)} ${type}`.execute(db)
}
