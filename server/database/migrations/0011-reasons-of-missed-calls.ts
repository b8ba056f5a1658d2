import { type Kysely, sql } from 'kysely'

/** Of a call that was missed it is always on record why: nobody is told a reason that is made up. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // None should be without. What its legs show is all that is known of such a call.
  await sql`update call set "why" = case
      when "state" = 'cancelled' then 'cancelled'
      when exists (select 1 from "callLeg" where "call" = call."id" and "acknowledgedAt" is not null) then 'no-answer'
      else 'unreachable' end
    where "why" is null and "state" in ('missed', 'cancelled')`.execute(db)
  for (const change of ['insert', 'update'])
    await sql`create trigger ${sql.id(`call_why_${change}`)} before ${sql.raw(change)} on call
      when new."why" is null and new."state" in ('missed', 'cancelled')
      begin select raise(abort, 'a missed call has a reason'); end`.execute(db)
}
