import { sql } from 'kysely'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { openPeople } from '../../../server/people/people.ts'
import { readRelations } from '../../../server/people/relation.ts'
import { putTeam } from '../../../server/people/teams.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { testClock } from '../support/test-clock.ts'

test('PT1.1 one member of a team who cannot be made a contact keeps none of the others from it', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const clock = testClock()
  const { worker } = openPeople({ db, clock, log: pino({ level: 'silent' }), bus: { publish: () => {} } })
  const members: string[] = []
  for (const name of ['ann', 'ben', 'cat'])
    members.push(
      await insertUser(db, { username: name, name, email: `${name}@clinic.example`, emailVerified: true }, 1),
    )
  // Whoever would be settled first.
  const [first = '', ...others] = members.toSorted()
  await sql`create trigger "refuse" before update on "teamMember" when new."userId" = ${sql.lit(first)}
    begin select raise(abort, 'no'); end`.execute(db)
  await putTeam(db, { id: 'north', name: 'North', members })
  const settle = async (times: number) => {
    for (let n = 0; n < times; n += 1) {
      clock.advance(2_000)
      await worker.tick()
    }
  }
  const contactsOf = async (userId: string) =>
    (await readRelations(db, userId)).map(({ other }) => other).toSorted()
  await settle(2)
  expect([await contactsOf(others[0] ?? ''), await contactsOf(first)]).toEqual([[others[1]], []])
  await sql`drop trigger "refuse"`.execute(db)
  await settle(40)
  expect(await contactsOf(first)).toEqual(others)
})
