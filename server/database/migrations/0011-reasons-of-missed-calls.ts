import { type Kysely, sql } from 'kysely'
import { refuse } from '../schema-steps.ts'

/** Of a call that was missed it is always on record why: nobody is told a reason that is made up. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // None should be without. What its legs show is all that is known of such a call.
  await sql`update call set "why" = case
      when "state" = 'cancelled' then 'cancelled'
      when exists (select 1 from "callLeg" where "call" = call."id" and "acknowledgedAt" is not null) then 'no-answer'
      else 'unreachable' end
    where "why" is null and "state" in ('missed', 'cancelled')`.execute(db)
  for (const change of ['insert', 'update'] as const)
    await refuse(db, {
      ...{ name: `call_why_${change}`, change, table: 'call', why: 'a missed call has a reason' },
      when: sql`new."why" is null and new."state" in ('missed', 'cancelled')`,
    })
}
