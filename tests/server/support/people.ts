import { join } from 'node:path'
import { openAuth } from '../../../server/accounts/auth.ts'
import { addAccount, type NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { defaultLifetimes } from '../../../server/accounts/session-lifetimes.ts'
import { insertSession } from '../../../server/accounts/session-rows.ts'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { keptSecret } from '../../../server/data-directory.ts'
import { keyOf } from './dpop-proofs.ts'
import { openTestDatabase, type TestServer } from './in-process-server.ts'

export const ann: NewAccount = {
  username: 'ann',
  email: 'ann@clinic.example',
  name: 'Ann Able',
  password: 'Correct-horse-7',
}

export const ben: NewAccount = {
  username: 'Ben.B-1',
  email: 'ben@clinic.example',
  name: 'Ben Baker',
  password: 'Battery-staple-8',
}

/** Makes accounts that can sign in. @returns their ids. */
export async function addPeople(dataDir: string, ...people: readonly NewAccount[]): Promise<string[]> {
  const db = await openTestDatabase(dataDir)
  const auth = openAuth(db, keptSecret(join(dataDir, 'secret')), 'http://127.0.0.1')
  const ids: string[] = []
  for (const person of people) {
    const outcome = await addAccount(db, auth, person, Date.now())
    if (outcome.kind !== 'added') throw new Error(outcome.errors.join(' '))
    ids.push(outcome.account.id)
  }
  return ids
}

/** Makes accounts without a password, for tests where nobody signs in: hashing one takes its time. */
export async function settle(server: TestServer, ...people: readonly NewAccount[]): Promise<string[]> {
  const db = await server.db()
  const ids: string[] = []
  for (const { username, email, name } of people)
    ids.push(await insertUser(db, { username, email, name, emailVerified: false }, Date.now()))
  return ids
}

/** Gives a person a session on a device, as signing in does. @returns its token. */
export async function sessionOf(server: TestServer, { email }: NewAccount, device: string): Promise<string> {
  const db = await server.db()
  const user = await db.selectFrom('user').select('id').where('email', '=', email).executeTakeFirstOrThrow()
  const { thumbprint: key } = await keyOf(device)
  const on = { userId: user.id, device, key, staySignedIn: false, label: 'test', address: '127.0.0.1' }
  const { token } = await insertSession(db, on, defaultLifetimes.fleeting, server.clock.wall())
  return token
}
