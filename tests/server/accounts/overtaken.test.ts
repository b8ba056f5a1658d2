import { expect, test } from 'vitest'
import { makeSignInCode } from '../../../server/accounts/code-sign-in.ts'
import { openPasswords, type Passwords } from '../../../server/accounts/passwords.ts'
import { defaultLifetimes } from '../../../server/accounts/session-lifetimes.ts'
import { deleteSessionsOf } from '../../../server/accounts/session-rows.ts'
import { setPassword } from '../../../server/accounts/set-password.ts'
import { signIn } from '../../../server/accounts/sign-in.ts'
import type { Database } from '../../../server/database/tables.ts'
import { leastHashCost } from '../support/hash-costs.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann } from '../support/people.ts'

type Meanwhile = (db: Database, userId: string) => Promise<unknown>

/** Ann signs in, and just when her password was found right, something else happens. */
async function overtakenBy(meanwhile: Meanwhile) {
  const server = await startInProcessServer()
  const [userId = ''] = await addPeople(server.dataDir, ann)
  const db = await server.db()
  const really = openPasswords({ cost: leastHashCost })
  let right = false
  const passwords: Passwords = {
    ...really,
    inTurn: (turn, work) =>
      really.inTurn(turn, (hashing) =>
        work({
          ...hashing,
          async verify(asked) {
            right = await hashing.verify(asked)
            await meanwhile(db, userId)
            return right
          },
        }),
      ),
  }
  const outcome = await signIn(
    { db, passwords, clock: server.clock, lifetimes: defaultLifetimes, secret: 'secret' },
    {
      login: ann.username,
      password: ann.password,
      staySignedIn: true,
      device: 'device-1',
      jkt: 'key',
      from: { address: '192.0.2.1', label: '' },
    },
  )
  expect(right).toBe(true)
  const sessions = await db.selectFrom('session').select('id').execute()
  const audited = await db.selectFrom('audit').select('what').execute()
  return { kind: outcome.kind, sessions: sessions.length, audited: audited.map(({ what }) => what) }
}

const refused = { kind: 'wrong-credentials', sessions: 0, audited: ['sign-in-refused'] }

test('A2.6 a sign-in with a password that is replaced meanwhile is refused, and leaves no session', async () => {
  const outcome = await overtakenBy((db, userId) =>
    db.transaction().execute(async (transaction) => {
      await setPassword(transaction, { userId, hash: 'a:b', asked: 'en' }, 1)
      await deleteSessionsOf(transaction, userId)
    }),
  )
  expect(outcome).toEqual(refused)
})

test('A2.6 a sign-in of somebody who is disabled meanwhile is refused, and leaves no session', async () => {
  const outcome = await overtakenBy((db, userId) =>
    db.updateTable('user').set({ disabledAt: 1 }).where('id', '=', userId).execute(),
  )
  expect(outcome).toEqual(refused)
})

test('A2.6 a sign-in that nothing overtakes goes on', async () => {
  expect(await overtakenBy(async () => {})).toEqual({
    kind: 'signed-in',
    sessions: 1,
    audited: ['signed-in'],
  })
})

test('A2.6 a new password ends the codes that would sign the person in, and nobody else’s', async () => {
  const server = await startInProcessServer()
  const [userId = '', other = ''] = await addPeople(server.dataDir, ann, {
    ...ann,
    username: 'eve',
    email: 'eve@clinic.example',
  })
  const db = await server.db()
  for (const id of [userId, other]) await makeSignInCode(db, id, 'challenge', 1)
  await setPassword(db, { userId, hash: 'a:b', asked: 'en' }, 1)
  expect(await db.selectFrom('signInCode').select('userId').execute()).toEqual([{ userId: other }])
})
