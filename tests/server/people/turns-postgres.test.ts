import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { expectedRequests } from '../../../server/expected-calls/expected-requests.ts'
import { inAccountTurns } from '../../../server/people/account-turns.ts'
import { openPeople } from '../../../server/people/people.ts'
import { migratedPostgres } from '../../support/nodes/postgres.ts'
import { testClock } from '../support/test-clock.ts'

const day = 86_400_000
const bus = { publish: () => {} }

/** Ann and Ben, who are contacts, and Eve, who had Ann as one once, at a server whose handlers they ask. */
async function server() {
  const db = await openPostgres(await migratedPostgres())
  onTestFinished(() => db.destroy())
  const clock = testClock()
  const people = openPeople({ db, clock, log: pino({ level: 'silent' }), bus })
  const handlers = { ...people.handlers, ...expectedRequests({ db, clock, bus }) }
  const person = (name: string) =>
    insertUser(db, { username: name, name, email: `${name}@clinic.example`, emailVerified: true }, 1)
  const [ann, ben, eve] = [await person('ann'), await person('ben'), await person('eve')]
  const have = (userId: string, id: string, relation: 'contact' | 'removed') =>
    db.insertInto('contact').values({ userId, id, otherId: id, relation, since: 1 }).execute()
  await Promise.all([have(ann, ben, 'contact'), have(ben, ann, 'contact'), have(eve, ann, 'removed')])
  const by = (userId: string) => ({ userId, device: 'd', connection: 'c' })
  const favour = (userId: string, contact: string) =>
    handlers['change-contact'](by(userId), { what: 'change-contact', contact, change: 'favourite' })
  const announce = (userId: string, contact: string) =>
    handlers['expect-call'](by(userId), { what: 'expect-call', contact, at: clock.wall() + day })
  return {
    ...{ ann, ben, eve, favour, announce },
    accept: (userId: string, contact: string) =>
      handlers['answer-contact'](by(userId), { what: 'answer-contact', contact, answer: 'accept' }),
    manage: (userId: string, contact: string) => people.manage(userId, contact, 'forget'),
    choose: (userId: string) =>
      handlers['set-status'](by(userId), { what: 'set-status', status: 'away', until: null }),
    /** Something is being written of this account, by a transaction that is never idle. @returns what ends it. */
    writeOf(userId: string) {
      let isOver = false
      const written = inAccountTurns(db, [userId], async (trx) => {
        while (!isOver) await trx.selectFrom('user').select('id').where('id', '=', userId).execute()
      })
      return () => {
        isOver = true
        return written
      }
    },
  }
}

test('PE2.4 whoever names somebody whom they do not have waits for no write of theirs, and no more than of who is nobody', async () => {
  const { ann, ben, eve, favour, announce, accept, manage, writeOf } = await server()
  const goOn = writeOf(ann)
  const refused = expect.objectContaining({ kind: 'refused', why: 'no-such-contact' })
  const done = expect.objectContaining({ kind: 'done' })
  const asked = [ann, 'nobody'].map((contact) =>
    Promise.all([favour(eve, contact), accept(eve, contact), manage(eve, contact), announce(eve, contact)]),
  )
  const answers = [refused, refused, done, refused]
  expect(await Promise.all(asked)).toEqual([answers, answers])
  // Who has her is in her line.
  const inLine = favour(ben, ann)
  expect(await Promise.race([inLine, favour(eve, ann)])).toEqual(refused)
  await goOn()
  expect(await inLine).toEqual(done)
})

test('PE2.4 however many name somebody whom they do not have, what that person asks for is done', async () => {
  const { ann, eve, favour, choose, writeOf } = await server()
  const goOn = writeOf(ann)
  await Promise.all(Array.from({ length: 20 }, () => favour(eve, ann)))
  const [chosen] = await Promise.all([choose(ann), goOn()])
  expect(chosen).toMatchObject({ kind: 'done' })
})
