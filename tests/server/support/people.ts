import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { openAuth } from '../../../server/accounts/auth.ts'
import { addAccount, type NewAccount } from '../../../server/accounts/manage.ts'
import { hashOf, newSecret } from '../../../server/accounts/secret-token.ts'
import { defaultLifetimes } from '../../../server/accounts/session-lifetimes.ts'
import { keptSecret } from '../../../server/data-directory.ts'
import { keyOf } from './proofs.ts'
import { openTestDatabase, type Seated } from './start-service.ts'

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
    const outcome = await addAccount(db, auth, person)
    if (outcome.kind !== 'added') throw new Error(outcome.errors.join(' '))
    ids.push(outcome.account.id)
  }
  return ids
}

/** Makes accounts without a password, for tests where nobody signs in: hashing one takes its time. */
export async function settle(server: Seated, ...people: readonly NewAccount[]): Promise<string[]> {
  const db = await server.db()
  const at = new Date().toISOString()
  const rows = people.map(({ username, email, name }) => ({
    id: randomUUID(),
    username: username.toLowerCase(),
    displayUsername: username,
    email,
    name,
    emailVerified: 0,
    createdAt: at,
    updatedAt: at,
    image: null,
  }))
  await db.insertInto('user').values(rows).execute()
  return rows.map(({ id }) => id)
}

/** Gives a person a session on a device, as signing in does. @returns its token. */
export async function sessionOf(server: Seated, { email }: NewAccount, device: string): Promise<string> {
  const db = await server.db()
  const user = await db.selectFrom('user').select('id').where('email', '=', email).executeTakeFirstOrThrow()
  const [token, id, now] = [newSecret(), randomUUID(), server.clock.wall()]
  const at = new Date(now).toISOString()
  await db
    .insertInto('session')
    .values({
      id,
      userId: user.id,
      token: hashOf(token),
      expiresAt: new Date(now + defaultLifetimes.fleeting).toISOString(),
      createdAt: at,
      updatedAt: at,
      ipAddress: null,
      userAgent: null,
    })
    .execute()
  await db
    .insertInto('device')
    .values({
      sessionId: id,
      userId: user.id,
      device,
      key: (await keyOf(device)).thumbprint,
      endTokenHash: hashOf(newSecret()),
      staySignedIn: 0,
      label: 'test',
      address: '127.0.0.1',
      seenAt: now,
    })
    .execute()
  return token
}
