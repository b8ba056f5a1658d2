import type { CodeSignInRequest } from '../../protocol/http.ts'
import type { Database } from '../database/tables.ts'
import { audit, type Client } from './audit.ts'
import { countRefusal } from './failed-attempts.ts'
import { openSession } from './open-session.ts'
import { hashOf, newSecret } from './secret-token.ts'
import type { SignInContext, SignInOutcome } from './sign-in.ts'

/** A code is spent within so long, in ms, or never. */
export const codeLifetime = 60_000

/**
 * Makes a code that signs `userId` in once, for whoever knows the PKCE verifier of `challenge`.
 *
 * @param challenge S256 of RFC 7636, section 4.2.
 */
export async function makeSignInCode(
  db: Database,
  userId: string,
  challenge: string,
  now: number,
): Promise<string> {
  const code = newSecret()
  await db
    .insertInto('signInCode')
    .values({ hash: hashOf(code), userId, challenge, madeAt: now })
    .execute()
  return code
}

export interface CodeSignInAsk extends CodeSignInRequest {
  readonly from: Client
  readonly key: string
}

/** Signs a person in on a device by a one-time code. A code is over once it was tried, rightly or wrongly. */
export function signInByCode(
  { db, clock, lifetimes }: SignInContext,
  ask: CodeSignInAsk,
): Promise<SignInOutcome> {
  const now = clock.wall()
  return db.transaction().execute(async (transaction): Promise<SignInOutcome> => {
    const { userId, why } = await spend(transaction, ask, now)
    const opening = why === undefined && { ...ask, userId, by: 'issuer' }
    const session = opening && (await openSession(transaction, lifetimes, opening, now))
    if (session) return { kind: 'signed-in', session }
    const { from, device } = ask
    const { wait } = await countRefusal(transaction, 'code', from.address, now)
    if (wait > 0) return { kind: 'too-many-attempts', retryAfter: Math.ceil(wait / 1_000) }
    const detail = { why: why ?? 'account-disabled', by: 'issuer' }
    await audit(transaction, { at: now, what: 'sign-in-refused', who: userId, from, device, detail })
    return { kind: 'wrong-credentials' }
  })
}

type Spent =
  | { readonly userId: string; readonly why?: undefined }
  | { readonly userId?: string; readonly why: string }

async function spend(db: Database, { code, verifier }: CodeSignInAsk, now: number): Promise<Spent> {
  // Taken out before it is judged: two who try it at once cannot both have it.
  const row = await db
    .deleteFrom('signInCode')
    .where('hash', '=', hashOf(code))
    .returning(['userId', 'challenge', 'madeAt'])
    .executeTakeFirst()
  if (!row) return { why: 'no-such-code' }
  const { userId } = row
  if (Math.abs(now - row.madeAt) > codeLifetime) return { why: 'code-too-old', userId }
  // The hash of the verifier, as base64url, is what PKCE calls S256.
  return hashOf(verifier) === row.challenge ? { userId } : { why: 'wrong-verifier', userId }
}
