import { expect, test } from 'vitest'
import { passwordHashOf, putPassword } from '../../../server/accounts/credential-rows.ts'
import { hashPassword, isHashOf } from '../../../server/accounts/password-hash.ts'
import { openPasswords, type Passwords, PasswordsBusy } from '../../../server/accounts/passwords.ts'
import { defaultLifetimes } from '../../../server/accounts/session-lifetimes.ts'
import { type SignInAttempt, signIn as signInBy } from '../../../server/accounts/sign-in.ts'
import { signIn, trySignIn } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann } from '../support/people.ts'
import { scryptHash } from '../support/scrypt-hash.ts'

/** Ann with a password as older versions kept it. */
async function started() {
  const server = await startInProcessServer({ fullHashCost: true })
  const [userId = ''] = await addPeople(server.dataDir, ann)
  const db = await server.db()
  await putPassword(db, userId, scryptHash, 1)
  return { server, db, userId }
}

test('W4.7 who has a hash by scrypt signs in, and has one by argon2id from then on, by which they sign in again', async () => {
  const { server, db, userId } = await started()
  expect((await trySignIn(server, { login: 'ann', password: 'Wrong-horse-7' })).status).toBe(401)
  expect(await passwordHashOf(db, userId)).toBe(scryptHash)
  await signIn(server, ann)
  const renewed = (await passwordHashOf(db, userId)) ?? ''
  expect(renewed).toMatch(/^\$argon2id\$v=19\$m=47104,t=2,p=1\$/)
  await signIn(server, ann, 'device-2')
  expect((await trySignIn(server, { login: 'ann', password: 'Wrong-horse-7' })).status).toBe(401)
  expect(await passwordHashOf(db, userId)).toBe(renewed)
})

const attempt: SignInAttempt = {
  ...{ login: ann.username, password: ann.password, staySignedIn: true, device: 'device-1', jkt: 'key' },
  from: { address: '192.0.2.1', label: '' },
}

test('W4.7 a password that is replaced while its hash is made anew stays the one that it was replaced by', async () => {
  const { server, db, userId } = await started()
  const really = openPasswords()
  const other = await hashPassword('Another-choice-9')
  const passwords: Passwords = {
    ...really,
    async hash(password) {
      await putPassword(db, userId, other, 2)
      return really.hash(password)
    },
  }
  const dependencies = { db, passwords, clock: server.clock, lifetimes: defaultLifetimes, secret: 'secret' }
  expect(await signInBy(dependencies, attempt)).toEqual({ kind: 'wrong-credentials' })
  expect(await passwordHashOf(db, userId)).toBe(other)
})

test('W4.7 W4.8 who signs in while there is no time to hash anew is signed in, and keeps the hash until the next time', async () => {
  const { server, db, userId } = await started()
  const passwords: Passwords = { ...openPasswords(), hash: () => Promise.reject(new PasswordsBusy()) }
  const dependencies = { db, passwords, clock: server.clock, lifetimes: defaultLifetimes, secret: 'secret' }
  expect(await signInBy(dependencies, attempt)).toMatchObject({ kind: 'signed-in' })
  expect(await passwordHashOf(db, userId)).toBe(scryptHash)
  await signIn(server, ann)
  expect(await isHashOf((await passwordHashOf(db, userId)) ?? '', ann.password)).toBe(true)
})
