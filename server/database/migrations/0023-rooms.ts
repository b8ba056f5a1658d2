import type { Kysely } from 'kysely'

/** Rooms of answered calls: that they ended, who has their two seats, and which tickets were used. All go with their call. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('room')
    .addColumn('callId', 'text', (c) => c.notNull().primaryKey().references('call.id').onDelete('cascade'))
    .addColumn('endedAt', 'integer')
    .execute()
  await db.schema
    .createTable('roomSeat')
    .addColumn('callId', 'text', (c) => c.notNull().references('call.id').onDelete('cascade'))
    .addColumn('side', 'text', (c) => c.notNull())
    .addColumn('page', 'text', (c) => c.notNull())
    .addColumn('pages', 'integer', (c) => c.notNull())
    .addColumn('connections', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('roomSeat_primary', ['callId', 'side'])
    .execute()
  await db.schema
    .createTable('roomTicket')
    .addColumn('hash', 'text', (c) => c.notNull().primaryKey())
    .addColumn('callId', 'text', (c) => c.notNull().references('call.id').onDelete('cascade'))
    .addColumn('page', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('roomTicket_callId').on('roomTicket').column('callId').execute()
}
