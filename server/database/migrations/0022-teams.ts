import { type Kysely, sql } from 'kysely'

/** Who are contacts by the clinic's word: by pairs that it linked, and by the teams that it has. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('contactLink')
    .addColumn('one', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('other', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('team', 'text', (c) => c.notNull())
    .addColumn('provisioningDomain', 'text')
    .addPrimaryKeyConstraint('contactLink_primary', ['one', 'other', 'team'])
    .execute()
  await sql`create index "contactLink_other" on "contactLink" ("other")`.execute(db)
  await sql`create index "contactLink_provisioningDomain" on "contactLink" ("provisioningDomain")
    where "provisioningDomain" is not null`.execute(db)
  await sql`insert into "contactLink" ("one", "other", "team")
    select "userId", "otherId", "team" from "contact"
    where "team" is not null and "relation" in ('contact', 'blocked') and "userId" < "otherId"`.execute(db)
  await db.schema
    .createTable('team')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('takenAt', 'integer')
    .execute()
  await db.schema
    .createTable('teamMember')
    .addColumn('teamId', 'text', (c) => c.notNull().references('team.id').onDelete('cascade'))
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('wanted', 'integer', (c) => c.notNull())
    .addColumn('linkedAs', 'text')
    .addColumn('toSettle', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('teamMember_primary', ['teamId', 'userId'])
    .execute()
  await sql`create index "teamMember_userId" on "teamMember" ("userId")`.execute(db)
  await sql`create index "teamMember_toSettle" on "teamMember" ("teamId", "userId") where "toSettle" = 1`.execute(
    db,
  )
}
