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

/** So many are written at once: a server that runs on the same database has to write, too. */
const atOnce = 250

/** Writes accounts with a session each straight into the database: hashing passwords would take minutes. */
export const addSignedInPeople = (dataDir: string, count: number): Promise<SignedInPerson[]> =>
  withDatabase(dataDir, async (db) => {
    const key = await newLoadKey()
    const people: SignedInPerson[] = []
    while (people.length < count)
      await db.transaction().execute(async (transaction) => {
        const wanted = Math.min(count, people.length + atOnce)
        while (people.length < wanted) people.push(await addOne(transaction, key))
      })
    return people
  })

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
