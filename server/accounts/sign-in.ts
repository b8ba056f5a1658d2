import type { SignInRequest, SignInResponse } from '../../protocol/http.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { addressKey } from './address-key.ts'
import { audit, type Client, unknownLogin } from './audit.ts'
import type { Auth } from './auth.ts'
import { beginAttempt, forgive } from './failed-attempts.ts'
import { type AccountToOpen, findAccountToOpen } from './find-account.ts'
import { normalLogin } from './login-name.ts'
import { type Opened, openSession } from './open-session.ts'
import type { SessionLifetimes } from './session-lifetimes.ts'

/** No refusal is told sooner than this, in ms, whatever was wrong: longer than a password takes to check. */
const refusalFloor = 400
/** Attempts that came too soon are put on record once in so long, in ms, and not one by one. */
const tooManyKeptEvery = 60_000

export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly session: SignInResponse }
  | { readonly kind: 'wrong-credentials' }
  /** Seconds. */
  | { readonly kind: 'too-many-attempts'; readonly retryAfter: number }

export interface SignInContext {
  readonly db: Database
  readonly auth: Auth
  readonly clock: Clock
  readonly lifetimes: SessionLifetimes
  /** Of this installation. */
  readonly secret: string
}

/** What is asked, from where, with a device key that was just proven. */
export interface SignInAsk extends SignInRequest {
  readonly from: Client
  readonly key: string
}

/**
 * Signs a person in on a device and ends what session they had on it. An unknown person, a wrong
 * password, an account without a password and one that is disabled are told alike, and take alike.
 *
 * @throws when the database takes no write.
 */
export async function signIn(context: SignInContext, ask: SignInAsk): Promise<SignInOutcome> {
  const { db, clock } = context
  const began = clock.monotonic()
  const login = normalLogin(ask.login)
  const wait = await beginAttempt(db, login, ask.from.address, clock.wall())
  if (wait > 0) {
    await recordTooMany(context, ask)
    return { kind: 'too-many-attempts', retryAfter: Math.ceil(wait / 1_000) }
  }
  const found = await findAccountToOpen(db, { login })
  const hash = await verifiedHash(context, found, ask.password)
  const opened = await open(context, ask, found, hash)
  if (opened.kind === 'opened') return { kind: 'signed-in', session: opened.session }
  await recordRefusal(context, ask, found, opened.why)
  const left = Math.max(0, refusalFloor - (clock.monotonic() - began))
  await new Promise((resolve) => setTimeout(resolve, left))
  return { kind: 'wrong-credentials' }
}

/** @returns the hash that the password belongs to. Something is hashed in any case, so that all cases take alike. */
async function verifiedHash(
  { auth }: SignInContext,
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
  { db, clock, lifetimes }: SignInContext,
  ask: SignInAsk,
  found: AccountToOpen | undefined,
  passwordHash: string | undefined,
): Promise<Opened> {
  if (!found || passwordHash === undefined)
    return { kind: 'refused', why: found?.disabled ? 'account-disabled' : 'wrong-credentials' }
  const opening = { ...ask, userId: found.account.id, passwordHash, by: 'password' } as const
  return db.transaction().execute(async (transaction) => {
    const opened = await openSession(transaction, lifetimes, opening, clock.wall())
    if (opened.kind === 'opened') await forgive(transaction, normalLogin(ask.login), ask.from.address)
    return opened
  })
}

async function recordTooMany(context: SignInContext, ask: SignInAsk): Promise<void> {
  const { db, clock } = context
  const recent = await db
    .selectFrom('audit')
    .select('address')
    .where('at', '>', clock.wall() - tooManyKeptEvery)
    .where('what', '=', 'sign-in-refused')
    .where('detail', 'like', '%"too-many-attempts"%')
    .execute()
  const asker = addressKey(ask.from.address)
  if (recent.some(({ address }) => address !== null && addressKey(address) === asker)) return
  const found = await findAccountToOpen(db, { login: normalLogin(ask.login) })
  await recordRefusal(context, ask, found, found?.disabled ? 'account-disabled' : 'too-many-attempts')
}

async function recordRefusal(
  { db, clock, secret }: SignInContext,
  ask: SignInAsk,
  found: AccountToOpen | undefined,
  why: 'account-disabled' | 'wrong-credentials' | 'too-many-attempts',
): Promise<void> {
  const { from, device } = ask
  const who = found ? { who: found.account.id } : { login: unknownLogin(secret, ask.login) }
  const detail = { why, by: 'password' }
  await audit(db, { at: clock.wall(), what: 'sign-in-refused', ...who, from, device, detail })
}
