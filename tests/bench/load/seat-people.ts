import { randomUUID } from 'node:crypto'
import { hashOf, newSecret } from '../../../server/accounts/secrets.ts'
import { openDataDirectory } from '../../../server/data-directory.ts'
import { openDatabase } from '../../../server/database/open-database.ts'
import type { Database } from '../../../server/database/tables.ts'
import { type LoadKey, newLoadKey } from './load-key.ts'

/** Someone who is signed in on one device. */
export interface Seat {
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
export const seatPeople = (dataDir: string, count: number): Promise<Seat[]> =>
  withDatabase(dataDir, (db) =>
    db.transaction().execute(async (transaction) => {
      const key = await newLoadKey()
      const seats: Seat[] = []
      for (let n = 0; n < count; n += 1) seats.push(await seat(transaction, key))
      return seats
    }),
  )

async function seat(db: Database, key: LoadKey): Promise<Seat> {
  const [id, sessionId, device, token, endToken] = [
    randomUUID(),
    randomUUID(),
    randomUUID(),
    newSecret(),
    newSecret(),
  ]
  const username = `u${id.slice(0, 13)}`
  const now = Date.now()
  const stamps = { createdAt: new Date(now).toISOString(), updatedAt: new Date(now).toISOString() }
  const person = { id, name: `Person ${username}`, email: `${username}@load.example`, username }
  await db
    .insertInto('user')
    .values({ ...person, displayUsername: username, emailVerified: 0, image: null, ...stamps })
    .execute()
  await db
    .insertInto('session')
    .values({
      id: sessionId,
      userId: id,
      token: hashOf(token),
      expiresAt: new Date(now + 86_400_000).toISOString(),
      ipAddress: '127.0.0.1',
      userAgent: 'load',
      ...stamps,
    })
    .execute()
  await db
    .insertInto('device')
    .values({
      sessionId,
      userId: id,
      device,
      key: key.thumbprint,
      endTokenHash: hashOf(endToken),
      staySignedIn: 0,
      label: 'load',
      address: '127.0.0.1',
      seenAt: now,
    })
    .execute()
  return { username, token, device, key: key.jwk }
}
