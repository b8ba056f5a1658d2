import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { pulse } from '../../../server/database/pulse.ts'
import { reachabilityRecord } from '../../../server/presence/reachability-record.ts'
import { ann, settle } from '../support/people.ts'
import { startService } from '../support/start-service.ts'

test('D2.2 what a pulse could not commit is written by the next one', async () => {
  const server = await startService()
  const [userId = ''] = await settle(server, ann)
  const db = await server.db()
  await sql`create table later (person text references user (id) deferrable initially deferred)`.execute(db)
  const record = reachabilityRecord(db)
  let spoilt = true
  const faults: unknown[] = []
  const beating = pulse(
    db,
    server.clock,
    async (transaction) => {
      const written = await record.flush(transaction)
      // A foreign key that is looked at only by the commit: every statement passes, and the commit fails.
      if (spoilt) await sql`insert into later values ('nobody')`.execute(transaction)
      return written
    },
    (fault) => faults.push(fault),
  )
  const kept = () => db.selectFrom('reachability').selectAll().where('userId', '=', userId).execute()

  record.began(userId, 1_000)
  await beating.sweep()
  expect(await beating.keeps()).toBe(false)
  expect(await kept()).toEqual([])

  spoilt = false
  record.ended(userId, 2_000)
  server.clock.advance(2_000)
  await beating.sweep()
  expect(await beating.keeps()).toBe(true)
  expect(await kept()).toEqual([{ userId, from: 1_000, until: 2_000 }])
  expect(faults, 'nothing was kept before, so nothing was lost').toEqual([])
})
