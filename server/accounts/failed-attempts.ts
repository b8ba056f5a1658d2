import type { Database } from '../database/tables.ts'
import { addressKey } from './address-key.ts'
import {
  accountPolicy,
  addressPolicy,
  type BackoffPolicy,
  countFailure,
  delayBefore,
  type FailureCount,
} from './backoff.ts'
import { hashOf } from './secret-token.ts'

export interface Attempt {
  /** Milliseconds to wait; 0 when the attempt may go on. */
  readonly wait: number
}

/**
 * Asks whether a password may be tried, and if so counts it as wrong before it is looked at, so that
 * guesses made at the same time cannot slip through together. `forgive` takes it back.
 *
 * @param name the login as compared; kept as a hash, since people type passwords there too.
 */
export function beginAttempt(db: Database, name: string, address: string, now: number): Promise<Attempt> {
  return db.transaction().execute(async (transaction) => {
    const entries: [string, BackoffPolicy, FailureCount | undefined][] = []
    for (const [key, policy] of keys(name, address)) entries.push([key, policy, await read(transaction, key)])
    const wait = Math.max(...entries.map(([, policy, attempts]) => delayBefore(attempts, policy, now)))
    if (wait === 0)
      for (const [key, , attempts] of entries) await keep(transaction, key, countFailure(attempts, now))
    return { wait }
  })
}

/** The password was right: the name's count is over, and the address gets its one attempt back. */
export async function forgive(db: Database, name: string, address: string): Promise<void> {
  const [[nameKey], [addressKey]] = keys(name, address)
  await db.deleteFrom('failedAttempt').where('key', '=', nameKey).execute()
  await db
    .updateTable('failedAttempt')
    .set((e) => ({ failures: e('failures', '-', 1) }))
    .where('key', '=', addressKey)
    .where('failures', '>', 0)
    .execute()
}

/** A person has proven otherwise who they are: wrong passwords under these names are forgotten. */
export async function forgiveNames(db: Database, names: readonly string[]): Promise<void> {
  const nameKeys = names.map((name) => `name:${hashOf(name)}`)
  await db.deleteFrom('failedAttempt').where('key', 'in', nameKeys).execute()
}

const keys = (name: string, address: string) =>
  [
    [`name:${hashOf(name)}`, accountPolicy],
    [`address:${addressKey(address)}`, addressPolicy],
  ] as const

const read = (db: Database, key: string): Promise<FailureCount | undefined> =>
  db.selectFrom('failedAttempt').select(['failures', 'lastAt']).where('key', '=', key).executeTakeFirst()

async function keep(db: Database, key: string, attempts: FailureCount): Promise<void> {
  await db
    .insertInto('failedAttempt')
    .values({ key, ...attempts })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ ...attempts }))
    .execute()
}

/**
 * Counts something that nobody can guess right by trying, but that costs us a look and a line in the record:
 * a refused proof, a code that is none. What is right is never kept waiting for it. Call it in the transaction
 * in which it is recorded.
 *
 * @returns what to wait, in milliseconds; 0 while they are few, and then it should be put on record.
 */
export async function countRefusal(
  db: Database,
  kind: 'proof' | 'code' | 'key',
  address: string,
  now: number,
): Promise<Attempt> {
  const key = `${kind}:${addressKey(address)}`
  const attempts = await read(db, key)
  const wait = delayBefore(attempts, addressPolicy, now)
  if (wait === 0) await keep(db, key, countFailure(attempts, now))
  return { wait }
}
