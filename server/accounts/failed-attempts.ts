import type { Database } from '../database/tables.ts'
import { addressKey } from './address-key.ts'
import { hashOf } from './secrets.ts'
import {
  addressBackoff,
  type BackoffPolicy,
  countFailure,
  delayBefore,
  type FailureCount,
  loginBackoff,
} from './sign-in-backoff.ts'

/** What `sign-in-backoff.ts` decides by, kept in the database: a restart forgives nobody. */

/**
 * Asks whether a password may be tried, and if so counts it as wrong before it is looked at, so that
 * guesses made at the same time cannot slip through together. `forgive` takes it back.
 *
 * @param login as compared; kept as a hash, since people type passwords there too.
 * @returns how long to wait, in ms; 0 when the attempt may go on.
 */
export function beginAttempt(db: Database, login: string, address: string, now: number): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    const counted: [string, BackoffPolicy, FailureCount | undefined][] = [
      [loginKey(login), loginBackoff, await read(transaction, loginKey(login))],
      [fromKey(address), addressBackoff, await read(transaction, fromKey(address))],
    ]
    const wait = Math.max(...counted.map(([, policy, count]) => delayBefore(count, policy, now)))
    if (wait === 0)
      for (const [key, , count] of counted) await keep(transaction, key, countFailure(count, now))
    return wait
  })
}

/** The password was right: the login's count is over, and the address gets its one attempt back. */
export async function forgive(db: Database, login: string, address: string): Promise<void> {
  await forgiveLogins(db, [login])
  await db
    .updateTable('failedAttempt')
    .set((e) => ({ failures: e('failures', '-', 1) }))
    .where('key', '=', fromKey(address))
    .where('failures', '>', 0)
    .execute()
}

/** A person has proven otherwise who they are: wrong passwords under these logins are forgotten. */
export async function forgiveLogins(db: Database, logins: readonly string[]): Promise<void> {
  await db.deleteFrom('failedAttempt').where('key', 'in', logins.map(loginKey)).execute()
}

/**
 * Counts something that nobody can guess right by trying, but that costs us a look and a line in the record:
 * a refused proof, a code or a key that is none. What is right is never kept waiting for it. Call it in the
 * transaction in which it is recorded.
 *
 * @returns how long to wait, in ms; 0 while they are few, and then it should be put on record.
 */
export async function countRefusal(
  db: Database,
  kind: 'proof' | 'code' | 'key',
  address: string,
  now: number,
): Promise<number> {
  const key = `${kind}:${addressKey(address)}`
  const count = await read(db, key)
  const wait = delayBefore(count, addressBackoff, now)
  if (wait === 0) await keep(db, key, countFailure(count, now))
  return wait
}

const loginKey = (login: string) => `name:${hashOf(login)}`
const fromKey = (address: string) => `address:${addressKey(address)}`

const read = (db: Database, key: string): Promise<FailureCount | undefined> =>
  db.selectFrom('failedAttempt').select(['failures', 'lastAt']).where('key', '=', key).executeTakeFirst()

async function keep(db: Database, key: string, count: FailureCount): Promise<void> {
  await db
    .insertInto('failedAttempt')
    .values({ key, ...count })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ ...count }))
    .execute()
}

/** Drops counts that nothing is decided by any more. */
export async function deleteExpiredFailedAttempts(db: Database, now: number): Promise<void> {
  await db
    .deleteFrom('failedAttempt')
    .where('lastAt', '<', now - 24 * 3_600_000)
    .execute()
}
