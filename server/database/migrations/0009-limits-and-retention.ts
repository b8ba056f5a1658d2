import { type Kysely, sql } from 'kysely'
import { isPostgres } from '../dialect.ts'
import { allow, refuse } from '../schema-steps.ts'

/** An entry of the audit record cannot be deleted before it is so old, in days. */
const youngestDeletable = 30

/** What the limits, the record and the passwords need so that a stranger cannot turn them against their owners. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // A deleted account was known by an address that a clinic's system could give a living one, too.
  await db.schema.alterTable('user').addColumn('deletedAt', 'integer').execute()
  await sql`update "user" set "deletedAt" = "disabledAt"
    where email = lower(id) || '@deleted.invalid' and "disabledAt" is not null`.execute(db)
  await makeKnownDevices(db)
  await db.schema
    .createTable('firstPassword')
    .addColumn('userId', 'text', (c) => c.notNull().primaryKey().references('user.id').onDelete('cascade'))
    .addColumn('endsAt', 'integer', (c) => c.notNull())
    .execute()
  await keepPeopleApart(db)
  // Their keys are made with the server's secret from now on.
  await sql`delete from "failedAttempt"`.execute(db)
  await sql`delete from "rateLimited"`.execute(db)
  await letOldEntriesGo(db)
  await limitStrangersEntries(db)
  await indexWhatEnds(db)
  await rememberWhatWasMailed(db)
  await keepEndedFlowsAlone(db)
}

/** The keys with which somebody has signed in: their wrong passwords are counted apart from strangers'. */
async function makeKnownDevices(db: Kysely<unknown>) {
  await db.schema
    .createTable('knownDevice')
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('seenAt', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('knownDevice_primary', ['userId', 'key'])
    .execute()
  await sql`create index "knownDevice_key" on "knownDevice" ("key")`.execute(db)
  await sql`create index "knownDevice_seenAt" on "knownDevice" ("seenAt")`.execute(db)
  await db.schema.createIndex('device_key').on('device').column('key').execute()
  // No version before this one had its tables in PostgreSQL: there is nobody in them.
  if (isPostgres(db)) return
  // Whoever signed in at the issuer has shown no password.
  await sql`insert into "knownDevice" ("userId", "key", "seenAt")
    select d."userId", d."key", max(d."seenAt") from device d
    join (select who, device, max(id) as id from audit where what = 'signed-in' group by who, device) last
      on last.who = d."userId" and last.device = d.device
    join audit a on a.id = last.id
    where json_extract(a.detail, '$.by') = 'password'
    group by d."userId", d."key"`.execute(db)
}

/** Of two clinics on one server neither can touch the other's people. */
async function keepPeopleApart(db: Kysely<unknown>) {
  await db.schema.alterTable('apiKey').addColumn('provisioningDomain', 'text').execute()
  await db.schema.alterTable('apiKey').addColumn('emailDomains', 'text').execute()
  await db.schema.alterTable('apiKey').addColumn('mostPeople', 'integer').execute()
  await db.schema
    .createTable('scimOwner')
    .addColumn('userId', 'text', (c) => c.notNull().primaryKey().references('user.id').onDelete('cascade'))
    .addColumn('provisioningDomain', 'text', (c) => c.notNull())
    .execute()
  await sql`create index "scimOwner_provisioningDomain" on "scimOwner" ("provisioningDomain")`.execute(db)
}

/** The record is kept for a stated time; nothing younger than a month goes, whoever asks. */
async function letOldEntriesGo(db: Kysely<unknown>) {
  const rule = { name: 'audit_no_delete', table: 'audit' }
  await allow(db, rule)
  const seconds = sql.raw(
    isPostgres(db) ? 'extract(epoch from clock_timestamp())' : "cast(strftime('%s', 'now') as integer)",
  )
  await refuse(db, {
    ...rule,
    change: 'delete',
    when: sql`old.at > (${seconds} - ${sql.lit(youngestDeletable * 86_400)}) * 1000`,
    why: 'the audit record is only ever added to',
  })
}

/** What strangers may write into the record, and what was only counted. */
async function limitStrangersEntries(db: Kysely<unknown>) {
  await db.schema
    .createTable('auditRateLimit')
    .addColumn('key', 'text', (c) => c.notNull().primaryKey())
    .addColumn('what', 'text', (c) => c.notNull())
    .addColumn('who', 'text')
    .addColumn('level', 'real', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .addColumn('more', 'integer', (c) => c.notNull())
    .addColumn('since', 'integer')
    .addColumn('dueAt', 'integer')
    .addColumn('wait', 'integer', (c) => c.notNull())
    .execute()
  await sql`create index "auditRateLimit_told" on "auditRateLimit" ("dueAt") where "more" > 0`.execute(db)
  await sql`create index "auditRateLimit_idle" on "auditRateLimit" ("at") where "more" = 0`.execute(db)
}

/** Of some kinds a mail goes to somebody once in so long. */
async function rememberWhatWasMailed(db: Kysely<unknown>) {
  await db.schema.alterTable('device').addColumn('tokenToldAt', 'integer').execute()
  await sql`create index "mail_kind" on "mail" ("kind", "userId", "madeAt")`.execute(db)
}

/** Beginning a sign-in at the issuer is kept in the browser; whoever is at the issuer right now begins anew. */
async function keepEndedFlowsAlone(db: Kysely<unknown>) {
  await db.schema.dropTable('issuerFlow').execute()
  await db.schema
    .createTable('issuerFlow')
    .addColumn('hash', 'text', (c) => c.notNull().primaryKey())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('endedAt', 'integer', (c) => c.notNull())
    .addColumn('succeeded', 'integer', (c) => c.notNull())
    .execute()
  await sql`create index "issuerFlow_by" on "issuerFlow" ("by", "endedAt")`.execute(db)
  await sql`create index "issuerFlow_endedAt" on "issuerFlow" ("endedAt")`.execute(db)
}

/** What is over is looked for every minute, and must not be looked for among everything else. */
async function indexWhatEnds(db: Kysely<unknown>) {
  await sql`create index "call_endedAt" on "call" ("endedAt") where "endedAt" is not null`.execute(db)
  await sql`create index "mail_over" on "mail" ("madeAt") where "nextAt" is null`.execute(db)
  for (const [table, column] of [
    ['session', 'expiresAt'],
    ['failedAttempt', 'lastAt'],
    ['rateLimited', 'at'],
    ['link', 'diesAt'],
  ] as const)
    await sql`create index ${sql.id(`${table}_${column}`)} on ${sql.table(table)} (${sql.id(column)})`.execute(
      db,
    )
}
