import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'
import { loginColumn } from './login-name.ts'

/**
 * The device keys with which a person has signed in by their password. Whoever proves one of them is no stranger to
 * that person: what strangers do does not keep them waiting. A key outlives the session that it was shown for.
 */

/** A person has so many besides those they are signed in with; of more, those that were used last. */
const mostOfPerson = 20
/** One that was not used for so long, in ms, is forgotten. */
const knownFor = 400 * 86_400_000

/** Notes that a person has signed in with a key. Call it in the transaction in which they do. */
export async function rememberDevice(db: Database, userId: string, key: string, now: number): Promise<void> {
  await db
    .insertInto('knownDevice')
    .values({ userId, key, seenAt: now })
    .onConflict((conflict) => conflict.columns(['userId', 'key']).doUpdateSet({ seenAt: now }))
    .execute()
  // Whoever knows the password could push out with ever new keys those by which the owner is no stranger.
  const signedIn = db.selectFrom('device').select('key').where('userId', '=', userId)
  const last = db
    .selectFrom('knownDevice')
    .select('key')
    .where('userId', '=', userId)
    .where('key', 'not in', signedIn)
    .where('key', '!=', key)
    .orderBy('seenAt', 'desc')
    .limit(mostOfPerson)
  await db
    .deleteFrom('knownDevice')
    .where('userId', '=', userId)
    .where('key', '!=', key)
    .where('key', 'not in', signedIn)
    .where('key', 'not in', last)
    .execute()
}

/** Notes that sessions that were opened with keys are used: nobody signs in anew while they stay signed in. */
export async function noteUses(db: Database, sessionIds: readonly string[], now: number): Promise<void> {
  await db
    .updateTable('knownDevice')
    .set({ seenAt: now })
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('userId', 'key'),
        'in',
        selectFrom('device')
          .select(['userId', 'key'])
          .where('sessionId', 'in', sessionIds)
          .$asTuple('userId', 'key'),
      ),
    )
    .execute()
}

/**
 * Whose device it is that somebody tries a login on.
 *
 * The key is looked for first: a stranger's ends the search before anybody is looked up by name, so that how long
 * it takes says nothing of who there is.
 *
 * @param login as compared.
 * @returns the id of the person with that login, if they have signed in with this key before.
 */
export async function findOwner(db: Database, key: string, login: string): Promise<string | undefined> {
  const somebody = await db.selectFrom('knownDevice').select('key').where('key', '=', key).executeTakeFirst()
  if (!somebody) return undefined
  const owner = await db
    .selectFrom('knownDevice')
    .innerJoin('user', 'user.id', 'knownDevice.userId')
    .select('user.id')
    .where('knownDevice.key', '=', key)
    .where(`user.${loginColumn(login)}`, '=', login)
    .executeTakeFirst()
  return owner?.id
}

/** Whether anybody has signed in with this key, or is signed in with it. */
export async function isKnownKey(db: Database, key: string): Promise<boolean> {
  const live = db.selectFrom('device').select('key').where('key', '=', key)
  const known = db.selectFrom('knownDevice').select('key').where('key', '=', key)
  return (await known.unionAll(live).limit(1).executeTakeFirst()) !== undefined
}

export async function knownKeysOf(db: Database, userId: string): Promise<string[]> {
  const rows = await db.selectFrom('knownDevice').select('key').where('userId', '=', userId).execute()
  return rows.map(({ key }) => key)
}

/** Forgets keys that were not used for long. */
export const deleteExpiredKnownDevices = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'knownDevice', 'seenAt', now - knownFor)
