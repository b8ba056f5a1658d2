import type { SignInRequest, SignInResponse } from '../../protocol/http.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { addressKey } from './address-key.ts'
import { audit, type Client } from './audit.ts'
import type { Auth } from './auth.ts'
import { beginAttempt, forgive } from './failed-attempts.ts'
import { openSession } from './open-session.ts'
import type { SessionLifetimes } from './session-lifetimes.ts'
import { unknownLogin } from './unknown-login.ts'
import { isEmail, normalLogin } from './username.ts'

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
  const { db, clock, lifetimes } = context
  const began = clock.monotonic()
  const login = normalLogin(ask.login)
  const { wait } = await beginAttempt(db, login, ask.from.address, clock.wall())
  if (wait > 0) {
    await recordTooMany(context, ask)
    return { kind: 'too-many-attempts', retryAfter: Math.ceil(wait / 1_000) }
  }
  const verified = await verify(context, login, ask.password)
  const session =
    verified &&
    (await db.transaction().execute(async (transaction) => {
      const opening = { ...ask, ...verified, by: 'password' }
      const opened = await openSession(transaction, lifetimes, opening, clock.wall())
      if (opened) await forgive(transaction, login, ask.from.address)
      return opened
    }))
  if (!session) {
    await recordRefusal(context, ask, 'wrong-credentials')
    const left = Math.max(0, refusalFloor - (clock.monotonic() - began))
    await new Promise((resolve) => setTimeout(resolve, left))
    return { kind: 'wrong-credentials' }
  }
  return { kind: 'signed-in', session }
}

/** A verified password takes its time: what was true before may not be true any more when this is done. */
async function verify({ db, auth }: SignInContext, login: string, typed: string) {
  const { password } = await auth.$context
  const known = await findPassword(db, login)
  if (!known) {
    await password.hash(typed)
    return undefined
  }
  return (await password.verify({ hash: known.passwordHash, password: typed })) ? known : undefined
}

async function findPassword(db: Database, login: string) {
  const row = await db
    .selectFrom('user')
    .innerJoin('account', 'account.userId', 'user.id')
    .select(['user.id as userId', 'account.password as passwordHash'])
    .where(isEmail(login) ? 'user.email' : 'user.username', '=', login)
    .where('user.disabledAt', 'is', null)
    .where('account.providerId', '=', 'credential')
    .where('account.password', 'is not', null)
    .executeTakeFirst()
  return row?.passwordHash ? { userId: row.userId, passwordHash: row.passwordHash } : undefined
}

async function recordTooMany(context: SignInContext, ask: SignInAsk): Promise<void> {
  const recent = await context.db
    .selectFrom('audit')
    .select('address')
    .where('at', '>', context.clock.wall() - tooManyKeptEvery)
    .where('what', '=', 'sign-in-refused')
    .where('detail', 'like', '%"too-many-attempts"%')
    .execute()
  const asker = addressKey(ask.from.address)
  const isKept = recent.some(({ address }) => address !== null && addressKey(address) === asker)
  if (!isKept) await recordRefusal(context, ask, 'too-many-attempts')
}

async function recordRefusal({ db, clock, secret }: SignInContext, ask: SignInAsk, why: string) {
  const known = await db
    .selectFrom('user')
    .select(['id', 'disabledAt'])
    .where(isEmail(normalLogin(ask.login)) ? 'email' : 'username', '=', normalLogin(ask.login))
    .executeTakeFirst()
  const { from, device } = ask
  const detail = { why: known && known.disabledAt !== null ? 'account-disabled' : why, by: 'password' }
  const who = known ? { who: known.id } : { login: unknownLogin(secret, ask.login) }
  await audit(db, { at: clock.wall(), what: 'sign-in-refused', ...who, from, device, detail })
}
