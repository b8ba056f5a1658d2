import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'
import { addressKey } from './address-key.ts'
import { knownKeysOf } from './known-devices.ts'
import { keyedHash } from './secrets.ts'
import {
  addressBackoff,
  type BackoffPolicy,
  countFailure,
  delayBefore,
  type FailureCount,
  loginBackoff,
  sessionProofBackoff,
  uncountFailure,
} from './sign-in-backoff.ts'

/**
 * What `sign-in-backoff.ts` decides by, kept in the database: a restart forgives nobody. What is counted is kept as a
 * keyed hash, since people type passwords where a name is asked for.
 */

/** Who tries a password, as far as that is shown before it is looked at. What one does keeps no other waiting. */
export type PasswordTrier =
  /** Somebody with a key that this person has not signed in with. The login is as compared. */
  | { readonly kind: 'stranger'; readonly login: string; readonly address: string }
  /** Somebody at a device on which this person has signed in before; `key` is its thumbprint. */
  | { readonly kind: 'known-device'; readonly userId: string; readonly key: string }
  /** Somebody at the account pages, which a session opened. */
  | { readonly kind: 'web-session'; readonly userId: string; readonly sessionId: string }

type Counter = readonly [name: string, policy: BackoffPolicy]

/** First the count that the right password ends; it gives a second one no more than its own attempt back. */
function countersOf(who: PasswordTrier): readonly [Counter, ...Counter[]] {
  switch (who.kind) {
    case 'stranger':
      return [
        [loginName(who.login), loginBackoff],
        [`address:${addressKey(who.address)}`, addressBackoff],
      ]
    case 'known-device':
      return [[deviceName(who.userId, who.key), loginBackoff]]
    case 'web-session':
      // The second for who can sign in at the issuer, and so has a new session for every five guesses.
      return [
        [`session:${who.sessionId}`, loginBackoff],
        [accountName(who.userId), addressBackoff],
      ]
  }
}

const loginName = (login: string) => `name:${login}`
const deviceName = (userId: string, key: string) => `device:${userId}:${key}`
const accountName = (userId: string) => `account:${userId}`

/**
 * Asks whether a password may be tried, and if so counts it as wrong before it is looked at, so that
 * guesses made at the same time cannot slip through together. `forgive` takes it back.
 *
 * @returns how long to wait, in ms; 0 when the attempt may go on.
 */
export function beginAttempt(db: Database, secret: string, who: PasswordTrier, now: number): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    const counted: [string, BackoffPolicy, FailureCount | undefined][] = []
    for (const [name, policy] of countersOf(who)) {
      const key = keyOf(secret, name)
      counted.push([key, policy, await read(transaction, key)])
    }
    const wait = Math.max(...counted.map(([, policy, count]) => delayBefore(count, policy, now)))
    if (wait === 0)
      for (const [key, , count] of counted) await keep(transaction, key, countFailure(count, now))
    return wait
  })
}

/** The password was right: the login's or device's count is over, and the address gets its one attempt back. */
export async function forgive(db: Database, secret: string, who: PasswordTrier): Promise<void> {
  const [[own], ...shared] = countersOf(who)
  await forget(db, secret, [own])
  for (const [name] of shared)
    await db
      .updateTable('failedAttempt')
      .set((e) => ({ failures: e('failures', '-', 1) }))
      .where('key', '=', keyOf(secret, name))
      .where('failures', '>', 0)
      .execute()
}

/**
 * The password was not looked at after all: the attempt counts as none. Whoever might try then may try at once.
 *
 * @param began when `beginAttempt` counted it, wall-clock ms.
 */
export function withdraw(db: Database, secret: string, who: PasswordTrier, began: number): Promise<void> {
  return db.transaction().execute(async (transaction) => {
    for (const [name, policy] of countersOf(who)) {
      const key = keyOf(secret, name)
      const count = await read(transaction, key)
      if (count) await keep(transaction, key, uncountFailure(count, policy, began))
    }
  })
}

/**
 * A person has proven otherwise who they are: wrong passwords under their logins, on their devices and in the
 * account pages are forgotten.
 *
 * @param logins as compared.
 */
export async function forgivePerson(
  db: Database,
  secret: string,
  { userId, logins }: { readonly userId: string; readonly logins: readonly string[] },
): Promise<void> {
  const devices = (await knownKeysOf(db, userId)).map((key) => deviceName(userId, key))
  await forget(db, secret, [...logins.map(loginName), ...devices, accountName(userId)])
}

async function forget(db: Database, secret: string, names: readonly string[]): Promise<void> {
  const keys = names.map((name) => keyOf(secret, name))
  await db.deleteFrom('failedAttempt').where('key', 'in', keys).execute()
}

/** Whose refusals are counted: those of an address, of one kind; or those that concern one live session. */
export type Refusals =
  | { readonly kind: 'proof' | 'code' | 'key'; readonly address: string }
  | { readonly kind: 'session-proof'; readonly sessionId: string }

/**
 * Counts something that nobody can guess right by trying, but that costs us a look and a line in the record:
 * a refused proof, a code or a key that is none. What is right is never kept waiting for it. Call it in the
 * transaction in which it is recorded.
 *
 * @returns how long to wait, in ms; 0 while they are few, and then it should be put on record. Otherwise nothing is
 * written here: what is not about a session is to be held back (`held-back.ts`).
 */
export async function countRefusal(
  db: Database,
  secret: string,
  whose: Refusals,
  now: number,
): Promise<number> {
  const ofSession = whose.kind === 'session-proof'
  const key = keyOf(secret, `${whose.kind}:${ofSession ? whose.sessionId : addressKey(whose.address)}`)
  const count = await read(db, key)
  const wait = delayBefore(count, ofSession ? sessionProofBackoff : addressBackoff, now)
  if (wait === 0) await keep(db, key, countFailure(count, now))
  return wait
}

const keyOf = (secret: string, name: string) => keyedHash(secret, 'failed-attempt', name)

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
export const deleteExpiredFailedAttempts = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'failedAttempt', 'lastAt', now - 24 * 3_600_000)
