import { sql } from 'kysely'
import { deleteBatch } from '../database/delete-batch.ts'
import { inLine, locked } from '../database/locking.ts'
import type { Database } from '../database/tables.ts'
import { addressKey, networksOf } from './address-key.ts'
import { knownKeysOf } from './known-devices.ts'
import { keyedHash } from './secrets.ts'
import {
  addressBackoff,
  countFailure,
  credentialBackoff,
  delayBefore,
  everybodysAllowance,
  type FailureCount,
  type GuessPolicy,
  loginBackoff,
  networkAllowance,
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

export type GuessCounter = readonly [name: string, policy: GuessPolicy]

/** First the count that the right password ends; it gives the others no more than its own attempt back. */
type GuessCounters = readonly [GuessCounter, ...GuessCounter[]]

/** What is known of the past of a login, and of whoever tries it from an address. */
export interface LoginPast {
  /** How often its wrong passwords were forgiven. */
  readonly forgiven: number
  /** Whether a mailed link of its person was used at this address within the last hour. */
  readonly cameByLink: boolean
}

/**
 * How a stranger's guess is counted. By login and address first, so that nobody who guesses elsewhere is waited for;
 * of all strangers together only what many networks guess. Who has just used a mailed link is counted apart from all
 * others: a reset brings its person back whatever goes on.
 */
export function strangersCounters(
  { login, address }: { readonly login: string; readonly address: string },
  { forgiven, cameByLink }: LoginPast,
): GuessCounters {
  const own = addressKey(address)
  const name = `name:${forgiven}:${login}`
  if (cameByLink) return [[`${name} by link from ${own}`, loginBackoff]]
  const [, network] = networksOf(address)
  return [
    [`${name} from ${own}`, loginBackoff],
    [`address:${own}`, addressBackoff],
    // Whoever has a whole IPv6 network has 65,536 of what counts as one address.
    ...(network.endsWith('/48') ? [[`${name} from ${network}`, networkAllowance] as const] : []),
    [name, everybodysAllowance],
  ]
}

async function countersOf(
  db: Database,
  secret: string,
  who: PasswordTrier,
  now: number,
): Promise<GuessCounters> {
  switch (who.kind) {
    case 'stranger':
      return strangersCounters(who, await pastOf(db, secret, who, now))
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

/** Who used a mailed link is counted apart for so long, in ms. */
const linkCountsFor = 3_600_000

async function pastOf(
  db: Database,
  secret: string,
  { login, address }: { readonly login: string; readonly address: string },
  now: number,
): Promise<LoginPast> {
  const forgiven = await read(db, keyOf(secret, forgivenName(login)))
  const link = await read(db, keyOf(secret, linkName(login, address)))
  return {
    forgiven: forgiven?.failures ?? 0,
    cameByLink: link !== undefined && Math.abs(now - link.lastAt) < linkCountsFor,
  }
}

const forgivenName = (login: string) => `forgiven:${login}`
const linkName = (login: string, address: string) => `link:${login} at ${addressKey(address)}`
const deviceName = (userId: string, key: string) => `device:${userId}:${key}`
const accountName = (userId: string) => `account:${userId}`

/** What of the counts an attempt touches, and nobody else meanwhile. */
function linesOf(who: PasswordTrier): readonly string[] {
  switch (who.kind) {
    case 'stranger':
      return [`attempt at ${who.login}`, `attempt from ${addressKey(who.address)}`]
    case 'known-device':
      return [`attempt of ${who.userId} ${who.key}`]
    case 'web-session':
      return [`attempt of ${who.userId}`]
  }
}

/** How long an attempt would have to wait, in ms; 0 when it might be begun now. Looking counts nothing. */
export async function waitBeforeAttempt(
  db: Database,
  secret: string,
  who: PasswordTrier,
  now: number,
): Promise<number> {
  const counters = await countersOf(db, secret, who, now)
  const waits = await Promise.all(
    counters.map(async ([name, policy]) => delayBefore(await read(db, keyOf(secret, name)), policy, now)),
  )
  return Math.max(...waits)
}

/**
 * Asks whether a password may be tried, and if so counts it as wrong before it is looked at, so that
 * guesses made at the same time cannot slip through together. `forgive` takes it back.
 *
 * @returns how long to wait, in ms; 0 when the attempt may go on.
 * @throws DatabaseBusy when too many try the same at this moment; that is no attempt.
 */
export function beginAttempt(db: Database, secret: string, who: PasswordTrier, now: number): Promise<number> {
  return inLine(db, linesOf(who), async (transaction) => {
    const counted: [string, GuessPolicy, FailureCount | undefined][] = []
    for (const [name, policy] of await countersOf(transaction, secret, who, now)) {
      const key = keyOf(secret, name)
      counted.push([key, policy, await readLocked(transaction, key)])
    }
    const wait = Math.max(...counted.map(([, policy, count]) => delayBefore(count, policy, now)))
    if (wait === 0)
      for (const [key, policy, count] of counted)
        await keep(transaction, key, countFailure(count, policy, now))
    return wait
  })
}

/** The password was right: the count of whoever tried it is over, and the others get this one attempt back. */
export function forgive(db: Database, secret: string, who: PasswordTrier, now: number): Promise<void> {
  return inLine(db, linesOf(who), async (transaction) => {
    const [[own], ...shared] = await countersOf(transaction, secret, who, now)
    await forget(transaction, secret, [own])
    for (const [name] of shared) {
      const key = keyOf(secret, name)
      const count = await readLocked(transaction, key)
      if (!count) continue
      if (count.failures > 1) await keep(transaction, key, { ...count, failures: count.failures - 1 })
      else await forget(transaction, secret, [name])
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
  now: number,
): Promise<void> {
  const devices = (await knownKeysOf(db, userId)).map((key) => deviceName(userId, key))
  await forget(db, secret, [...devices, accountName(userId)])
  for (const login of logins) {
    // From wherever they were tried: what comes now is counted under names of its own.
    const failures = sql<number>`"failedAttempt"."failures" + 1`
    await db
      .insertInto('failedAttempt')
      .values({ key: keyOf(secret, forgivenName(login)), failures: 1, lastAt: now })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ failures, lastAt: now }))
      .execute()
  }
}

/**
 * A mailed link was used: what is tried at its person's logins from that address is counted apart for an hour.
 *
 * @param logins as compared.
 */
export async function noteLinkUse(
  db: Database,
  secret: string,
  { logins, address }: { readonly logins: readonly string[]; readonly address: string },
  now: number,
): Promise<void> {
  for (const login of logins)
    await keep(db, keyOf(secret, linkName(login, address)), { failures: 1, lastAt: now })
}

async function forget(db: Database, secret: string, names: readonly string[]): Promise<void> {
  const keys = names.map((name) => keyOf(secret, name))
  await db.deleteFrom('failedAttempt').where('key', 'in', keys).execute()
}

/** Whose refusals are counted: those of an address, of one kind; or those of one live session, or of one key. */
export type Refusals =
  | { readonly kind: 'proof' | 'code' | 'key'; readonly address: string }
  | { readonly kind: 'session-proof'; readonly sessionId: string }
  | { readonly kind: 'misused-key'; readonly keyId: string }

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
  const policy = 'address' in whose ? addressBackoff : credentialBackoff
  const key = keyOf(secret, refusalName(whose))
  const count = await readLocked(db, key)
  const wait = delayBefore(count, policy, now)
  if (wait === 0) await keep(db, key, countFailure(count, policy, now))
  return wait
}

/** The line (`inLine`) of all who count these. */
export const refusalLine = (whose: Refusals): string => `refusals ${refusalName(whose)}`

const refusalName = (whose: Refusals) => `${whose.kind}:${nameOf(whose)}`

function nameOf(whose: Refusals): string {
  if ('address' in whose) return addressKey(whose.address)
  return whose.kind === 'session-proof' ? whose.sessionId : whose.keyId
}

const keyOf = (secret: string, name: string) => keyedHash(secret, 'failed-attempt', name)

const countBy = (db: Database, key: string) =>
  db.selectFrom('failedAttempt').select(['failures', 'lastAt']).where('key', '=', key)

const read = (db: Database, key: string): Promise<FailureCount | undefined> =>
  countBy(db, key).executeTakeFirst()

/** To be changed: what forgives somebody in a transaction of its own waits. */
const readLocked = (db: Database, key: string): Promise<FailureCount | undefined> =>
  locked(db)(countBy(db, key)).executeTakeFirst()

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
