import { type Kysely, sql } from 'kysely'

/** Webhooks of programs, and what is on its way to them. A key's one scope is from now on a list of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('webhook')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('apiKeyId', 'text', (c) => c.notNull().references('apiKey.id').onDelete('cascade'))
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('events', 'text', (c) => c.notNull())
    .addColumn('secret', 'text', (c) => c.notNull())
    .addColumn('oldSecret', 'text')
    .addColumn('oldSecretUntil', 'integer')
    .addColumn('createdAt', 'integer', (c) => c.notNull())
    .addColumn('failures', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('failingSince', 'integer')
    .addColumn('pausedUntil', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('disabledAt', 'integer')
    .addColumn('lastFailure', 'text')
    .addColumn('servedAt', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  await sql`create index "webhook_apiKeyId" on "webhook" ("apiKeyId")`.execute(db)
  await db.schema
    .createTable('webhookDelivery')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('webhookId', 'text', (c) => c.notNull().references('webhook.id').onDelete('cascade'))
    .addColumn('event', 'text', (c) => c.notNull())
    .addColumn('body', 'text')
    .addColumn('madeAt', 'integer', (c) => c.notNull())
    .addColumn('n', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('tries', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('nextAt', 'integer')
    .addColumn('deliveredAt', 'integer')
    .addColumn('failed', 'text')
    .execute()
  // Of each webhook what waits, in its order: neither what was taken before nor what waits for others is read.
  await sql`create index "webhookDelivery_waiting" on "webhookDelivery" ("webhookId", "madeAt", "n")
    where "nextAt" is not null`.execute(db)
  await sql`create index "webhookDelivery_webhookId" on "webhookDelivery" ("webhookId")`.execute(db)
  await sql`create index "webhookDelivery_madeAt" on "webhookDelivery" ("madeAt")`.execute(db)
}
