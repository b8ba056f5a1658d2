import { type Kysely, sql } from 'kysely'
import { columnType } from '../schema-steps.ts'

/** Visits to the account pages, what a key is for, and what the SCIM plugin of better-auth keeps. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('visitCode')
    .ifNotExists()
    .addColumn('hash', 'text', (c) => c.notNull().primaryKey())
    .addColumn('sessionId', 'text', (c) => c.notNull().references('session.id').onDelete('cascade'))
    .addColumn('madeAt', 'integer', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('visit')
    .ifNotExists()
    .addColumn('hash', 'text', (c) => c.notNull().primaryKey())
    .addColumn('sessionId', 'text', (c) => c.notNull().references('session.id').onDelete('cascade'))
    .addColumn('usedAt', 'integer', (c) => c.notNull())
    .execute()
  await sql`create index if not exists visit_session on visit ("sessionId")`.execute(db)
  await db.schema
    .alterTable('apiKey')
    .addColumn('scope', 'text', (c) => c.notNull().defaultTo('calls'))
    .execute()
  await db.schema.alterTable('issuerProfile').addColumn('email', 'text').execute()
  for (const [table, columns] of Object.entries(scimTables)) await makeTable(db, table, columns)
}

const text = 'text'
const needed = 'text not null'
const key = 'text not null unique'
const date = 'date'
const number = 'integer not null'
const of = (table: string) => `text not null references "${table}" ("id") on delete cascade`

/** As the plugin declares them: a test asks it whether anything is missing. */
const scimTables: Record<string, Record<string, string>> = {
  scimConnectionBinding: {
    connectionId: needed,
    connectionKey: key,
    provisioningDomainId: needed,
    createdAt: 'date not null',
    decommissionedAt: date,
    decommissionStatus: needed,
    decommissionCursorUserId: text,
    decommissionReconciledUserCount: number,
    decommissionBatchCount: number,
    decommissionRevision: number,
    decommissionCompletedAt: date,
    decommissionLeaseId: text,
    decommissionLeaseExpiresAt: date,
  },
  scimIdentityTombstone: {
    connectionId: needed,
    provisioningDomainId: needed,
    externalId: needed,
    externalIdKey: key,
    userId: of('user'),
    profile: needed,
    deletedAt: 'date not null',
  },
  scimSubject: {
    userId: 'text not null unique references "user" ("id") on delete cascade',
    profileSourceId: text,
    revision: number,
    createdAt: 'date not null',
    updatedAt: 'date not null',
  },
  scimUser: {
    connectionId: needed,
    provisioningDomainId: needed,
    userId: of('user'),
    connectionUserKey: key,
    userName: needed,
    userNameKey: key,
    primaryEmail: needed,
    workEmailValueIndex: needed,
    emailValueIndex: needed,
    displayName: needed,
    formattedName: needed,
    givenName: text,
    familyName: text,
    serializedEmails: needed,
    serializedAttributes: text,
    externalId: text,
    externalIdKey: 'text unique',
    active: number,
    orderKey: key,
    createdAt: 'date not null',
    updatedAt: 'date not null',
  },
  scimProjectionGrant: {
    connectionId: needed,
    provisioningDomainId: needed,
    scimUserId: of('scimUser'),
    userId: of('user'),
    sourceKind: needed,
    sourceId: needed,
    sourceValue: text,
    role: needed,
    grantKey: key,
    createdAt: 'date not null',
    updatedAt: 'date not null',
  },
  scimGroup: {
    connectionId: needed,
    provisioningDomainId: needed,
    revision: number,
    displayName: needed,
    displayNameKey: key,
    externalId: text,
    externalIdKey: 'text unique',
    orderKey: key,
    createdAt: 'date not null',
    updatedAt: 'date not null',
  },
  scimGroupMember: {
    connectionId: needed,
    groupId: of('scimGroup'),
    scimUserId: of('scimUser'),
    membershipKey: key,
    createdAt: 'date not null',
  },
}

const looked = ['connectionId', 'provisioningDomainId', 'userId', 'profileSourceId', 'groupId', 'scimUserId']

async function makeTable(db: Kysely<unknown>, table: string, columns: Record<string, string>) {
  const all = Object.entries(columns).map(([name, type]) => sql`${sql.id(name)} ${columnType(db, type)}`)
  await sql`create table if not exists ${sql.table(table)} ("id" ${columnType(db, 'text not null primary key')}, ${sql.join(all)})`.execute(
    db,
  )
  for (const name of looked.filter((name) => name in columns))
    await sql`create index if not exists ${sql.id(`${table}_${name}`)} on ${sql.table(table)} (${sql.id(name)})`.execute(
      db,
    )
}
