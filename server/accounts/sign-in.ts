import { isAPIError } from 'better-auth/api'
import type { SignInRequest, SignInResponse } from '../../protocol/http.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { beginAttempt, forgive } from './attempt-log.ts'
import type { Auth } from './auth.ts'
import { accountOf } from './find-account.ts'
import { hashOf, newSecret } from './secret-token.ts'
import { lifeOf } from './session-life.ts'
import { isEmail, normalLogin } from './username.ts'

/** No refusal is told sooner than this, in ms, whatever was wrong: longer than a password takes to check. */
const refusalFloor = 400

export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly session: SignInResponse }
  | { readonly kind: 'wrong-credentials' }
  /** Seconds. */
  | { readonly kind: 'too-many-attempts'; readonly retryAfter: number }

export interface SignInContext {
  readonly db: Database
  readonly auth: Auth
  readonly clock: Clock
}

/** What is asked, from which address, with what kind of browser. */
export interface SignInAsk extends SignInRequest {
  readonly address: string
  readonly label: string
}

/**
 * Signs a person in on a device and ends what session they had on it. An unknown person, a wrong
 * password and an account without a password are told alike, and take alike.
 *
 * @throws when the database takes no write.
 */
export async function signIn({ db, auth, clock }: SignInContext, ask: SignInAsk): Promise<SignInOutcome> {
  const began = clock.monotonic()
  const login = normalLogin(ask.login)
  const { wait } = await beginAttempt(db, login, ask.address, clock.wall())
  if (wait > 0) return { kind: 'too-many-attempts', retryAfter: Math.ceil(wait / 1_000) }
  const token = await tokenFor({ db, auth, clock }, login, ask)
  if (token === undefined) {
    const left = Math.max(0, refusalFloor - (clock.monotonic() - began))
    await new Promise((resolve) => setTimeout(resolve, left))
    return { kind: 'wrong-credentials' }
  }
  await forgive(db, login, ask.address)
  return { kind: 'signed-in', session: await bindToDevice(db, token, ask, clock.wall()) }
}

async function tokenFor({ db, auth }: SignInContext, login: string, ask: SignInAsk) {
  const { password, staySignedIn: rememberMe } = ask
  if (!(await hasPassword(db, login))) {
    const context = await auth.$context
    await context.password.hash(password)
    return undefined
  }
  try {
    const signedIn = isEmail(login)
      ? await auth.api.signInEmail({ body: { email: login, password, rememberMe } })
      : await auth.api.signInUsername({ body: { username: login, password, rememberMe } })
    return signedIn.token
  } catch (fault) {
    if (isAPIError(fault) && fault.statusCode < 500) return undefined
    throw fault
  }
}

async function hasPassword(db: Database, login: string): Promise<boolean> {
  const row = await db
    .selectFrom('user')
    .innerJoin('account', 'account.userId', 'user.id')
    .select('account.password')
    .where(isEmail(login) ? 'user.email' : 'user.username', '=', login)
    .where('account.providerId', '=', 'credential')
    .where('account.password', 'is not', null)
    .executeTakeFirst()
  return row !== undefined
}

/** Gives the new session its life and its device, and keeps nothing but hashes of its tokens. */
async function bindToDevice(
  db: Database,
  token: string,
  { device, staySignedIn, label, address }: SignInAsk,
  now: number,
): Promise<SignInResponse> {
  const endToken = newSecret()
  const account = await db.transaction().execute(async (transaction) => {
    const session = await transaction
      .updateTable('session')
      .set({ token: hashOf(token), expiresAt: new Date(now + lifeOf(staySignedIn)).toISOString() })
      .where('token', '=', token)
      .returning(['id', 'userId'])
      .executeTakeFirstOrThrow()
    const older = transaction
      .selectFrom('device')
      .select('sessionId')
      .where('userId', '=', session.userId)
      .where('device', '=', device)
    await transaction.deleteFrom('session').where('id', 'in', older).execute()
    await transaction
      .insertInto('device')
      .values({
        sessionId: session.id,
        userId: session.userId,
        device,
        endTokenHash: hashOf(endToken),
        staySignedIn: staySignedIn ? 1 : 0,
        label: label.slice(0, 200),
        address,
        seenAt: now,
      })
      .execute()
    const row = await transaction
      .selectFrom('user')
      .select(['id', 'name', 'email', 'username', 'displayUsername'])
      .where('id', '=', session.userId)
      .executeTakeFirstOrThrow()
    return accountOf(row)
  })

  return { token, endToken, account }
}
