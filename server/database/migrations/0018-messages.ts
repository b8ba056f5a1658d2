import { type Kysely, sql } from 'kysely'

/** Messages, how far each side has read, and what people choose about both. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('thread')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('a', 'text', (c) => c.references('user.id').onDelete('cascade'))
    .addColumn('b', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('n', 'integer', (c) => c.notNull())
    .addColumn('deletedAt', 'integer')
    .execute()
  await sql`create index "thread_deletedAt" on "thread" ("deletedAt") where "deletedAt" is not null`.execute(
    db,
  )
  await sql`create index "thread_a" on "thread" ("a")`.execute(db)
  await sql`create index "thread_b" on "thread" ("b")`.execute(db)
  await db.schema
    .createTable('message')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('thread', 'text', (c) => c.notNull().references('thread.id').onDelete('cascade'))
    .addColumn('n', 'integer', (c) => c.notNull())
    .addColumn('from', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .execute()
  await sql`create unique index "message_thread" on "message" ("thread", "n")`.execute(db)
  await sql`create unique index "message_key" on "message" ("from", "key")`.execute(db)
  await sql`create index "message_at" on "message" ("at")`.execute(db)
  await db.schema
    .createTable('messageRead')
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('thread', 'text', (c) => c.notNull().references('thread.id').onDelete('cascade'))
    .addColumn('until', 'integer', (c) => c.notNull())
    .addColumn('untilBlocked', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('unreadSince', 'integer')
    .addColumn('mailedAt', 'integer')
    .addPrimaryKeyConstraint('messageRead_primary', ['userId', 'thread'])
    .execute()
  await sql`create index "messageRead_thread" on "messageRead" ("thread")`.execute(db)
  await sql`create index "messageRead_unmailed" on "messageRead" ("unreadSince")
    where "unreadSince" is not null and "mailedAt" is null`.execute(db)
  await db.schema
    .alterTable('user')
    .addColumn('mailUnread', 'integer', (c) => c.notNull().defaultTo(1))
    .execute()
  await db.schema
    .alterTable('user')
    .addColumn('tellsRead', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
}
