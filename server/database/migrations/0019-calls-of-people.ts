import { type Kysely, sql } from 'kysely'

/** People call each other: who placed a call and on which device, what is kept from them, and what they were answered. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const columns = [
    'callerId',
    'callerDevice',
    'hidden',
    'reply',
    // The callee's own id of the call by which they called back: calling back was answering.
    'answerKey',
  ]
  for (const column of columns) await db.schema.alterTable('call').addColumn(column, 'text').execute()
  await db.schema.alterTable('call').addColumn('busyUntil', 'integer').execute()
  // What rings nowhere, as only a person's may, takes no place among the five that may ring somebody.
  await sql`drop index if exists call_appearance`.execute(db)
  await sql`create unique index call_appearance on call ("userId", coalesce("appearance", 1))
    where state in ('placed', 'ringing', 'waiting') and ("appearance" is not null or "callerId" is null)`.execute(
    db,
  )
  // Every server reads each second what is not over, and who drives it.
  await sql`create index call_active on call ("owner") where state in ('placed', 'ringing', 'waiting')`.execute(
    db,
  )
  // Of one person to another there is one call at a time, whatever the code believes.
  await sql`create unique index call_of_people on call ("callerId", "userId")
    where state in ('placed', 'ringing', 'waiting') and "callerId" is not null`.execute(db)
  await sql`create unique index call_answer_key on call ("userId", "answerKey") where "answerKey" is not null`.execute(
    db,
  )
  // Lists of calls, newest first.
  await sql`create index call_received on call ("userId", "at")`.execute(db)
  await sql`create index call_placed on call ("callerId", "at") where "callerId" is not null`.execute(db)
}
