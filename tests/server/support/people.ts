import { randomUUID } from 'node:crypto'
import { insertPassword } from '../../../server/accounts/credential-rows.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { type HashCost, hashPassword } from '../../../server/accounts/password-hash.ts'
import { defaultLifetimes } from '../../../server/accounts/session-lifetimes.ts'
import { insertSession } from '../../../server/accounts/session-rows.ts'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { keyOf } from './dpop-proofs.ts'
import { hashCostIn } from './hash-costs.ts'
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

/** Hashing takes its time: each password is hashed once at each cost. */
const hashes = new Map<string, string>()

async function hashOf(password: string, cost: HashCost): Promise<string> {
  const key = `${cost.memory} ${password}`
  const known = hashes.get(key)
  if (known !== undefined) return known
  const hash = await hashPassword(password, cost)
  hashes.set(key, hash)
  return hash
}

/** Makes accounts that can sign in, without an entry in the audit record. @returns their ids. */
export async function addPeople(dataDir: string, ...people: readonly NewAccount[]): Promise<string[]> {
  const db = await openTestDatabase(dataDir)
  const ids: string[] = []
  for (const { username, email, name, password, verified: emailVerified = false } of people) {
    const id = await insertUser(db, { username, email, name, emailVerified }, Date.now())
    await insertPassword(db, id, await hashOf(password, hashCostIn(dataDir)), Date.now())
    ids.push(id)
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

/** Whose address this is. */
export async function idOf(server: TestServer, email: string): Promise<string> {
  const db = await server.db()
  const { id } = await db.selectFrom('user').select('id').where('email', '=', email).executeTakeFirstOrThrow()
  return id
}

/** Gives a person a session on a device, as signing in does. @returns its token. */
export async function sessionOf(server: TestServer, { email }: NewAccount, device: string): Promise<string> {
  const db = await server.db()
  const userId = await idOf(server, email)
  const { thumbprint: jkt } = await keyOf(device)
  const on = { userId, device, jkt, staySignedIn: false, label: 'test', address: '127.0.0.1' }
  const { token } = await insertSession(db, on, defaultLifetimes.transient, server.clock.wall())
  return token
}

/** Somebody of one test alone, where several share a service, with a session on a device of theirs. */
export async function somebodyAt(server: TestServer) {
  const username = `p${randomUUID().slice(0, 8)}`
  const person: NewAccount = { username, email: `${username}@clinic.example`, name: 'P', password: '' }
  await settle(server, person)
  const device = randomUUID()
  return { person, username, device, token: await sessionOf(server, person, device) }
}
