import { type Kysely, sql } from 'kysely'
import { growingKey } from '../schema-steps.ts'

/** Status, contacts, and the events by which devices hear of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('status')
    .addColumn('userId', 'text', (c) => c.notNull().primaryKey().references('user.id').onDelete('cascade'))
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('until', 'integer')
    .addColumn('revision', 'integer', (c) => c.notNull())
    .execute()
  // Whether a node tells of leases when it is asked; null of an older version's.
  await db.schema.alterTable('node').addColumn('tellsLeases', 'integer').execute()
  await createContacts(db)
  await db.schema
    .createTable('accountEvent')
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .addColumn('change', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('accountEvent_primary', ['userId', 'seq'])
    .execute()
  await sql`create index "accountEvent_at" on "accountEvent" ("at")`.execute(db)
  await db.schema
    .createTable('accountCounter')
    .addColumn('userId', 'text', (c) => c.notNull().primaryKey().references('user.id').onDelete('cascade'))
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('asks', 'real', (c) => c.notNull().defaultTo(0))
    .addColumn('askedAt', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  // Of somebody whose row is gone, too: whoever has them is told after that.
  await db.schema
    .createTable('personChange')
    .addColumn('id', 'integer', growingKey(db))
    .addColumn('userId', 'text', (c) => c.notNull())
    .addColumn('takenAt', 'integer')
    .execute()
}

async function createContacts(db: Kysely<unknown>) {
  await db.schema
    .createTable('contact')
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('id', 'text', (c) => c.notNull())
    // No reference: whoever has somebody who is gone is told, and then it goes.
    .addColumn('otherId', 'text')
    .addColumn('relation', 'text', (c) => c.notNull())
    .addColumn('before', 'text')
    .addColumn('typed', 'text')
    .addColumn('login', 'text')
    .addColumn('team', 'text')
    .addColumn('favourite', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('ringsThrough', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('since', 'integer', (c) => c.notNull())
    .addColumn('toSettle', 'integer', (c) => c.notNull().defaultTo(0))
    .addPrimaryKeyConstraint('contact_primary', ['userId', 'id'])
    .execute()
  await sql`create index "contact_otherId" on "contact" ("otherId", "userId")`.execute(db)
  await sql`create index "contact_toSettle" on "contact" ("since") where "toSettle" = 1`.execute(db)
  await sql`create index "contact_transient" on "contact" ("since")
    where "relation" in ('asked', 'declined', 'asked-lately')`.execute(db)
  await sql`create unique index "contact_login" on "contact" ("userId", "login") where "relation" = 'asked'`.execute(
    db,
  )
}
