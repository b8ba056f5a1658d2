import { type Kysely, sql } from 'kysely'

/** Places: public addresses that say whether one of their members can be reached, and from which visitors call. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('place')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('slug', 'text', (c) => c.notNull().unique())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('createdAt', 'integer', (c) => c.notNull())
    .addColumn('hours', 'text')
    .addColumn('timeZone', 'text', (c) => c.notNull())
    .addColumn('origins', 'text', (c) => c.notNull())
    .addColumn('shutAt', 'integer')
    .execute()
  await db.schema
    .createTable('placeMember')
    .addColumn('placeId', 'text', (c) => c.notNull().references('place.id').onDelete('cascade'))
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('agreedAt', 'integer')
    .addPrimaryKeyConstraint('placeMember_primary', ['placeId', 'userId'])
    .execute()
  await sql`create index "placeMember_userId" on "placeMember" ("userId")`.execute(db)
  await db.schema
    .createTable('visit')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('placeId', 'text', (c) => c.notNull().references('place.id').onDelete('cascade'))
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('home', 'text', (c) => c.notNull())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .addColumn('turn', 'integer', (c) => c.notNull())
    .addColumn('calledAt', 'integer')
    .addColumn('leaseUntil', 'integer', (c) => c.notNull())
    .addColumn('nobodySince', 'integer')
    .addColumn('endedAt', 'integer')
    .addColumn('callId', 'text')
    .addColumn('device', 'text')
    .addUniqueConstraint('visit_key', ['placeId', 'key'])
    .execute()
  await sql`create index "visit_at" on "visit" ("at")`.execute(db)
  await sql`create index "visit_placeId" on "visit" ("placeId", "at")`.execute(db)
  // Every server looks each second for those whose page is gone.
  await sql`create index "visit_open" on "visit" ("placeId") where "endedAt" is null`.execute(db)
  await db.schema
    .createTable('placeBlock')
    .addColumn('placeId', 'text', (c) => c.notNull().references('place.id').onDelete('cascade'))
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.references('user.id').onDelete('set null'))
    .addColumn('at', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('placeBlock_primary', ['placeId', 'address'])
    .execute()
  await sql`create index "placeBlock_at" on "placeBlock" ("at")`.execute(db)
  // Which visit a call is for: each member that a visit rings has a call of their own.
  await db.schema.alterTable('call').addColumn('visit', 'text').execute()
  await sql`create index "call_visit" on "call" ("visit") where "visit" is not null`.execute(db)
  // Every server looks each second for those whose visit is over.
  await sql`create index "call_visit_active" on "call" ("visit")
    where "visit" is not null and "state" in ('placed', 'ringing', 'waiting')`.execute(db)
}
