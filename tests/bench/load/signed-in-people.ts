import { randomUUID } from 'node:crypto'
import { defaultLifetimes } from '../../../server/accounts/session-lifetimes.ts'
import { insertSession } from '../../../server/accounts/session-rows.ts'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { openDataDirectory } from '../../../server/data-directory.ts'
import { openDatabase } from '../../../server/database/open-database.ts'
import type { Database } from '../../../server/database/tables.ts'
import { type LoadKey, newLoadKey } from './load-key.ts'

/** Someone who is signed in on one device. */
export interface SignedInPerson {
  readonly username: string
  readonly token: string
  readonly device: string
  /** One for the whole fleet: making each its own would take minutes too. */
  readonly key: LoadKey['jwk']
}

/** Opens the database of a server on this machine, as its commands do, for as long as `use` takes. */
export async function withDatabase<T>(dataDir: string, use: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase(openDataDirectory(dataDir).database)
  try {
    return await use(db)
  } finally {
    await db.destroy()
  }
}

/** Writes accounts with a session each straight into the database: hashing passwords would take minutes. */
export const addSignedInPeople = (dataDir: string, count: number): Promise<SignedInPerson[]> =>
  withDatabase(dataDir, (db) =>
    db.transaction().execute(async (transaction) => {
      const key = await newLoadKey()
      const people: SignedInPerson[] = []
      for (let n = 0; n < count; n += 1) people.push(await addOne(transaction, key))
      return people
    }),
  )

const addOne = async (db: Database, key: LoadKey): Promise<SignedInPerson> => {
  const [person] = await addSignedInPerson(db, key)
  if (!person) throw new Error('nobody was added')
  return person
}

/** One person in a database. @returns them once for each of their devices. */
export async function addSignedInPerson(
  db: Database,
  key: LoadKey,
  devices = 1,
): Promise<readonly SignedInPerson[]> {
  const now = Date.now()
  const username = `u${randomUUID().slice(0, 13)}`
  const email = `${username}@load.example`
  const userId = await insertUser(
    db,
    { name: `Person ${username}`, email, emailVerified: false, username },
    now,
  )
  const people: SignedInPerson[] = []
  for (let n = 0; n < devices; n += 1) {
    const device = randomUUID()
    const { token } = await insertSession(
      db,
      { userId, device, jkt: key.thumbprint, staySignedIn: false, label: 'load', address: '127.0.0.1' },
      defaultLifetimes.transient,
      now,
    )
    people.push({ username, token, device, key: key.jwk })
  }
  return people
}
