import type { CodeSignInRequest } from '../../protocol/http.ts'
import type { Database } from '../database/tables.ts'
import { countRefusal } from './attempt-log.ts'
import { audit, type Origin } from './audit.ts'
import { bindSession } from './bind-session.ts'
import { hashOf, newSecret } from './secret-token.ts'
import type { SignInContext, SignInOutcome } from './sign-in.ts'

/** A code is spent within so long, in ms, or never. */
export const codeLife = 60_000

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
  readonly from: Origin
  readonly key: string
}

/** Signs a person in on a device by a one-time code. A code is over once it was tried, rightly or wrongly. */
export async function signInByCode(context: SignInContext, ask: CodeSignInAsk): Promise<SignInOutcome> {
  const { db, auth, clock, lives } = context
  const spent = await spend(db, ask, clock.wall())
  if ('why' in spent) {
    const { wait } = await countRefusal(db, 'code', ask.from.address, clock.wall())
    if (wait > 0) return { kind: 'too-many-attempts', retryAfter: Math.ceil(wait / 1_000) }
    const { from, device } = ask
    const detail = { why: spent.why, by: 'issuer' }
    await audit(db, { at: clock.wall(), what: 'sign-in-refused', who: spent.userId, from, device, detail })
    return { kind: 'wrong-credentials' }
  }
  const { internalAdapter } = await auth.$context
  const { token } = await internalAdapter.createSession(spent.userId, !ask.staySignedIn)
  const session = await bindSession(db, lives, token, { ...ask, by: 'issuer' }, clock.wall())
  return session ? { kind: 'signed-in', session } : { kind: 'wrong-credentials' }
}

type Spent = { readonly userId: string } | { readonly why: string; readonly userId?: string }

async function spend(db: Database, { code, verifier }: CodeSignInAsk, now: number): Promise<Spent> {
  // Taken out before it is judged: two who try it at once cannot both have it.
  const row = await db
    .deleteFrom('signInCode')
    .where('hash', '=', hashOf(code))
    .returning(['userId', 'challenge', 'madeAt'])
    .executeTakeFirst()
  if (!row) return { why: 'no-such-code' }
  const { userId } = row
  if (Math.abs(now - row.madeAt) > codeLife) return { why: 'code-too-old', userId }
  // The hash of the verifier, as base64url, is what PKCE calls S256.
  if (hashOf(verifier) !== row.challenge) return { why: 'wrong-verifier', userId }
  const user = await db.selectFrom('user').select('disabledAt').where('id', '=', userId).executeTakeFirst()
  return user?.disabledAt === null ? { userId } : { why: 'account-disabled', userId }
}
