import { type Kysely, sql } from 'kysely'
import { isPostgres } from '../dialect.ts'
import { growingKey, refuse } from '../schema-steps.ts'

/** Sessions bound to keys, signing in at an issuer, and the record of who did what. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Nobody can prove to have a session that was made before there were keys.
  await sql`delete from session`.execute(db)
  await db.schema
    .alterTable('device')
    .addColumn('key', 'text', (c) => c.notNull().defaultTo(''))
    .execute()
  await db.schema.alterTable('user').addColumn('disabledAt', 'integer').execute()
  await db.schema
    .createTable('proof')
    .addColumn('hash', 'text', (c) => c.notNull().primaryKey())
    .addColumn('until', 'integer', (c) => c.notNull())
    .execute()
  await sql`create index proof_until on proof ("until")`.execute(db)
  await db.schema
    .createTable('issuerFlow')
    .addColumn('hash', 'text', (c) => c.notNull().primaryKey())
    .addColumn('browser', 'text', (c) => c.notNull())
    .addColumn('returnTo', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('challenge', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('madeAt', 'integer', (c) => c.notNull())
    .addColumn('endedAt', 'integer')
    .execute()
  await sql`create index issuer_flow_address on "issuerFlow" ("address", "madeAt")`.execute(db)
  await db.schema
    .createTable('signInCode')
    .addColumn('hash', 'text', (c) => c.notNull().primaryKey())
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('challenge', 'text', (c) => c.notNull())
    .addColumn('madeAt', 'integer', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('issuerProfile')
    .addColumn('userId', 'text', (c) => c.notNull().primaryKey().references('user.id').onDelete('cascade'))
    .addColumn('name', 'text')
    .addColumn('picture', 'text')
    .addColumn('language', 'text')
    .execute()
  // One person at an issuer is one person here, whoever writes it and however often at once.
  await sql`create unique index account_at_issuer on account ("providerId", "accountId")`.execute(db)
  await makeAudit(db)
}

/** No reference to people: what was done stays known when they are gone. */
async function makeAudit(db: Kysely<unknown>) {
  await db.schema
    .createTable('audit')
    .addColumn('id', 'integer', growingKey(db))
    .addColumn('at', 'integer', (c) => c.notNull())
    .addColumn('what', 'text', (c) => c.notNull())
    .addColumn('who', 'text')
    .addColumn('login', 'text')
    .addColumn('address', 'text')
    .addColumn('device', 'text')
    .addColumn('label', 'text')
    .addColumn('detail', 'text', (c) => c.notNull())
    .execute()
  await sql`create index audit_at on audit ("at")`.execute(db)
  await sql`create index audit_who on audit ("who", "at")`.execute(db)
  await sql`create index audit_address on audit ("address", "at")`.execute(db)
  const refusal = { table: 'audit', why: 'the audit record is only ever added to' }
  for (const change of ['update', 'delete'] as const)
    await refuse(db, { ...refusal, name: `audit_no_${change}`, change })
  // SQLite's `insert or replace` takes rows away without asking the trigger for deletions.
  if (!isPostgres(db))
    await refuse(db, {
      ...refusal,
      name: 'audit_no_insert',
      change: 'insert',
      when: sql`new.id in (select id from audit)`,
    })
}
