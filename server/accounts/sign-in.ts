import type { SignInRequest, SignInResponse } from '../../protocol/http.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { addressKey } from './address-key.ts'
import { audit, type Client, unknownLogin } from './audit.ts'
import type { Auth } from './better-auth.ts'
import { beginAttempt, forgive, type PasswordTrier } from './failed-attempts.ts'
import { type AccountToOpen, findAccountToOpen } from './find-account.ts'
import { findOwner } from './known-devices.ts'
import { normalLogin } from './login-name.ts'
import { type Opened, openSession } from './open-session.ts'
import type { SessionLifetimes } from './session-lifetimes.ts'

/** No refusal is told sooner than this, in ms, whatever was wrong: longer than a password takes to check. */
const refusalFloor = 400
/** Attempts that came too soon are put on record once in so long, in ms, and not one by one. */
const tooManyRecordedEvery = 60_000

export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly session: SignInResponse }
  | { readonly kind: 'wrong-credentials' }
  /** Seconds. */
  | { readonly kind: 'too-many-attempts'; readonly retryAfter: number }

export interface SignInDependencies {
  readonly db: Database
  readonly auth: Auth
  readonly clock: Clock
  readonly lifetimes: SessionLifetimes
  /** Of this installation. */
  readonly secret: string
}

/** What is asked, from where, with a device key that was just proven. */
export interface SignInAttempt extends SignInRequest {
  readonly from: Client
  readonly jkt: string
}

/**
 * Signs a person in on a device and ends what session they had on it. An unknown person, a wrong
 * password, an account without a password and one that is disabled are told alike, and take alike.
 *
 * @throws when the database takes no write.
 */
export async function signIn(dependencies: SignInDependencies, asked: SignInAttempt): Promise<SignInOutcome> {
  const { db, clock, secret } = dependencies
  const began = clock.monotonic()
  const attempt = { ...asked, login: normalLogin(asked.login) }
  const who = await trierOf(db, attempt)
  const wait = await beginAttempt(db, secret, who, clock.wall())
  if (wait > 0) {
    await recordTooMany(dependencies, attempt)
    return { kind: 'too-many-attempts', retryAfter: Math.ceil(wait / 1_000) }
  }
  const found = await findAccountToOpen(db, attempt)
  const passwordHash = await verifiedHash(dependencies, found, attempt.password)
  const opened = await open(dependencies, attempt, who, found, passwordHash)
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

/**
 * @returns the hash to which the password belongs; undefined when it is wrong. Something is hashed in any case, so
 * that all cases take alike.
 */
async function verifiedHash(
  { auth }: SignInDependencies,
  found: AccountToOpen | undefined,
  typed: string,
): Promise<string | undefined> {
  const { password } = await auth.$context
  const hash = found?.disabled === false ? found.passwordHash : undefined
  if (hash === undefined) {
    await password.hash(typed)
    return undefined
  }
  return (await password.verify({ hash, password: typed })) ? hash : undefined
}

/** Opens the session, and forgives the attempt that was counted as wrong before it was looked at. */
async function open(
  { db, clock, lifetimes, secret }: SignInDependencies,
  attempt: SignInAttempt,
  who: PasswordTrier,
  found: AccountToOpen | undefined,
  passwordHash: string | undefined,
): Promise<Opened> {
  if (!found || passwordHash === undefined)
    return { kind: 'refused', why: found?.disabled ? 'account-disabled' : 'wrong-credentials' }
  const opening = { ...attempt, userId: found.account.id, passwordHash, by: 'password' } as const
  return db.transaction().execute(async (transaction) => {
    const opened = await openSession(transaction, lifetimes, opening, clock.wall())
    if (opened.kind === 'opened') await forgive(transaction, secret, who)
    return opened
  })
}

/** One entry a minute for an address: the look back and the entry are one, so that tries made at once are one too. */
async function recordTooMany(
  { db, clock, secret }: SignInDependencies,
  attempt: SignInAttempt,
): Promise<void> {
  const from = addressKey(attempt.from.address)
  await db.transaction().execute(async (transaction) => {
    const recent = await transaction
      .selectFrom('audit')
      .select('address')
      .where('at', '>', clock.wall() - tooManyRecordedEvery)
      .where('what', '=', 'sign-in-refused')
      .where('detail', 'like', '%"too-many-attempts"%')
      .execute()
    if (recent.some(({ address }) => address !== null && addressKey(address) === from)) return
    const found = await findAccountToOpen(transaction, attempt)
    const detail = { why: 'too-many-attempts', ...(found?.disabled && { disabled: true }) }
    await recordRefusal({ db: transaction, clock, secret }, attempt, found, detail)
  })
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
