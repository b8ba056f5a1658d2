import type { SignInRequest, SignInResponse } from '../../protocol/http.ts'
import type { Clock } from '../clock.ts'
import { inLine } from '../database/locking.ts'
import type { Database } from '../database/tables.ts'
import { DatabaseBusy } from '../database/turns.ts'
import { addressKey, networksOf } from './address-key.ts'
import { attemptPassword } from './attempt-password.ts'
import { audit, type Client, unknownLogin } from './audit.ts'
import { countLine } from './audit-rate-limit.ts'
import { putPassword } from './credential-rows.ts'
import { forgive, type PasswordTrier } from './failed-attempts.ts'
import { type AccountToOpen, findAccountToOpen } from './find-account.ts'
import { forgetFirstPassword, isFirstPasswordOver } from './first-passwords.ts'
import type { Turn } from './hashing-queue.ts'
import { holdBack } from './held-back.ts'
import { findOwner } from './known-devices.ts'
import { normalLogin } from './login-name.ts'
import { openSession } from './open-session.ts'
import { type PasswordDependencies, type Passwords, PasswordsBusy } from './passwords.ts'
import type { SessionLifetimes } from './session-lifetimes.ts'

/** No refusal is told sooner than this, in ms, whatever was wrong: longer than a password takes to check. */
const refusalFloor = 400
/** Attempts that came too soon are put on record once in so long, in ms, and not one by one. */
const tooManyRecordedEvery = 60_000

export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly session: SignInResponse }
  | { readonly kind: 'wrong-credentials' }
  /** How long to wait, in ms. */
  | { readonly kind: 'too-many-attempts'; readonly wait: number }

export interface SignInDependencies extends PasswordDependencies {
  readonly clock: Clock
  readonly lifetimes: SessionLifetimes
}

/** What is asked, from where, with a device key that was just proven. */
export interface SignInAttempt extends SignInRequest {
  readonly from: Client
  readonly jkt: string
}

/**
 * Signs a person in on a device and ends what session they had on it. An unknown person, a wrong
 * password, an account without a password, one that is disabled and a first password that is over are told alike, and
 * take alike.
 *
 * @throws PasswordsBusy when too many want to sign in at this moment; that is no attempt.
 * @throws when the database takes no write.
 */
export async function signIn(dependencies: SignInDependencies, asked: SignInAttempt): Promise<SignInOutcome> {
  const { db, clock } = dependencies
  const began = clock.monotonic()
  const attempt = { ...asked, login: normalLogin(asked.login) }
  const who = await trierOf(db, attempt)
  const looked = await lookAt(dependencies, attempt, who)
  if (looked.kind === 'too-soon') {
    await recordTooMany(dependencies, attempt)
    return { kind: 'too-many-attempts', wait: looked.wait }
  }
  const { found, verified } = looked
  const opened = await open(dependencies, attempt, who, found, verified)
  if (opened.kind === 'opened') return { kind: 'signed-in', session: opened.session }
  await recordRefusal(dependencies, attempt, found, { why: opened.why })
  const left = Math.max(0, refusalFloor - (clock.monotonic() - began))
  await new Promise((resolve) => setTimeout(resolve, left))
  return { kind: 'wrong-credentials' }
}

/** Strangers cannot keep a person out of a device on which they have signed in before. */
async function trierOf(db: Database, { login, jkt: key, from }: SignInAttempt): Promise<PasswordTrier> {
  const userId = await findOwner(db, key, login)
  if (userId === undefined) return { kind: 'stranger', login, address: from.address }
  return { kind: 'known-device', userId, key }
}

function turnOf(who: PasswordTrier): Turn {
  return who.kind === 'stranger'
    ? { priority: 'unknown', from: networksOf(who.address) }
    : { priority: 'known', from: [who.userId] }
}

/** A password that is right. */
interface Verified {
  /** To which it belongs. */
  readonly hash: string
  /** To be kept instead, where that one is outdated. */
  readonly renewed: string | undefined
}

type Looked =
  | { readonly kind: 'too-soon'; readonly wait: number }
  | {
      readonly kind: 'looked'
      readonly found: AccountToOpen | undefined
      readonly verified: Verified | undefined
    }

/** Looks at the password, and hashes it anew where it is right and its hash outdated. */
async function lookAt(
  dependencies: SignInDependencies,
  attempt: SignInAttempt,
  who: PasswordTrier,
): Promise<Looked> {
  const { db, passwords, clock } = dependencies
  const looked = await attemptPassword(
    dependencies,
    { who, turn: turnOf(who), now: clock.wall },
    async ({ verify }) => {
      const account = await findAccountToOpen(db, attempt)
      const own = account?.disabled === false ? account.passwordHash : undefined
      const isRight = await verify({ hash: own, password: attempt.password })
      return { account, right: isRight ? own : undefined }
    },
  )
  if (looked.kind === 'too-soon') return looked
  const { account: found, right } = looked.found
  const verified = right === undefined ? undefined : await renew(passwords, right, attempt.password)
  return { kind: 'looked', found, verified }
}

async function renew(passwords: Passwords, hash: string, password: string): Promise<Verified> {
  if (!passwords.isOutdated(hash)) return { hash, renewed: undefined }
  // By right from here on. It can wait for the next sign-in.
  const renewed = await passwords.hash(password).catch((error) => {
    if (error instanceof PasswordsBusy) return undefined
    throw error
  })
  return { hash, renewed }
}

type Opened =
  | Awaited<ReturnType<typeof openSession>>
  | { readonly kind: 'refused'; readonly why: 'first-password-ended' }

/** Opens the session, and forgives the attempt that was counted as wrong before it was looked at. */
async function open(
  { db, clock, lifetimes, secret }: SignInDependencies,
  attempt: SignInAttempt,
  who: PasswordTrier,
  found: AccountToOpen | undefined,
  verified: Verified | undefined,
): Promise<Opened> {
  if (!found || !verified)
    return { kind: 'refused', why: found?.disabled ? 'account-disabled' : 'wrong-credentials' }
  const userId = found.account.id
  const { hash: passwordHash, renewed } = verified
  const opening = { ...attempt, userId, passwordHash, by: 'password' } as const
  return db.transaction().execute(async (transaction): Promise<Opened> => {
    const now = clock.wall()
    if (await isFirstPasswordOver(transaction, userId, now))
      return { kind: 'refused', why: 'first-password-ended' }
    const opened = await openSession(transaction, lifetimes, opening, now)
    if (opened.kind === 'refused') return opened
    await forgive(transaction, secret, who, now)
    await forgetFirstPassword(transaction, userId)
    // Still the hash that was verified: the session would not be open otherwise.
    if (renewed !== undefined) await putPassword(transaction, userId, renewed, now)
    return opened
  })
}

/** One entry a minute for an address: the look back and the entry are one, so that tries made at once are one too. */
async function recordTooMany(
  { db, clock, secret }: SignInDependencies,
  attempt: SignInAttempt,
): Promise<void> {
  const from = addressKey(attempt.from.address)
  const found = await findAccountToOpen(db, attempt)
  const lines = ['refused too often', countLine('sign-in-refused', found?.account.id)]
  const isRecorded = await inLine(db, lines, async (transaction) => {
    const recent = await transaction
      .selectFrom('audit')
      .select('address')
      .where('at', '>', clock.wall() - tooManyRecordedEvery)
      .where('what', '=', 'sign-in-refused')
      .where('detail', 'like', '%"too-many-attempts"%')
      .execute()
    if (recent.some(({ address }) => address !== null && addressKey(address) === from)) return false
    const detail = { why: 'too-many-attempts', ...(found?.disabled && { disabled: true }) }
    await recordRefusal({ db: transaction, clock, secret }, attempt, found, detail)
    return true
  }).catch((error) => {
    if (error instanceof DatabaseBusy) return false
    throw error
  })
  if (!isRecorded) holdBack(db, 'sign-in-refused', { count: 1, since: clock.wall() })
}

async function recordRefusal(
  { db, clock, secret }: Pick<SignInDependencies, 'db' | 'clock' | 'secret'>,
  { login, from, device }: SignInAttempt,
  found: AccountToOpen | undefined,
  detail: { readonly why: string; readonly disabled?: boolean },
): Promise<void> {
  const who = found ? { who: found.account.id } : { login: unknownLogin(secret, login) }
  const all = { ...detail, by: 'password' }
  await audit(db, { at: clock.wall(), what: 'sign-in-refused', ...who, from, device, detail: all })
}
