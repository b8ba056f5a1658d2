import type { CodeSignInRequest } from '../../protocol/http.ts'
import type { SignInCodeTable } from '../database/account-tables.ts'
import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'
import { audit, type Client } from './audit.ts'
import { countRefusal } from './failed-attempts.ts'
import { holdBack } from './held-back.ts'
import { openSession } from './open-session.ts'
import { hashOf, newSecret } from './secrets.ts'
import type { SignInDependencies, SignInOutcome } from './sign-in.ts'

/** A code is spent within so long, in ms, or never. */
const codeLifetime = 60_000

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

/** Whether a code would sign somebody in with this verifier now. Looking spends nothing. */
export async function isGoodCode(
  db: Database,
  { code, verifier }: Pick<CodeSignInRequest, 'code' | 'verifier'>,
  now: number,
): Promise<boolean> {
  const row = await db
    .selectFrom('signInCode')
    .selectAll()
    .where('hash', '=', hashOf(code))
    .executeTakeFirst()
  return row !== undefined && codeError(row, verifier, now) === undefined
}

export type CodeSignInDependencies = Pick<SignInDependencies, 'db' | 'clock' | 'lifetimes' | 'secret'>

export interface CodeSignInAttempt extends CodeSignInRequest {
  readonly from: Client
  /** The thumbprint of the device key that was just proven. */
  readonly jkt: string
}

/** Signs a person in on a device by a one-time code. A code is over once it was tried, rightly or wrongly. */
export async function signInByCode(
  { db, clock, lifetimes, secret }: CodeSignInDependencies,
  attempt: CodeSignInAttempt,
): Promise<SignInOutcome> {
  const now = clock.wall()
  const outcome = await db.transaction().execute(async (transaction): Promise<SignInOutcome> => {
    const spent = await spend(transaction, attempt, now)
    if (spent.kind === 'refused') return refuse(transaction, secret, attempt, spent, now)
    const { userId } = spent
    const opened = await openSession(transaction, lifetimes, { ...attempt, userId, by: 'issuer' }, now)
    if (opened.kind === 'refused')
      return refuse(transaction, secret, attempt, { why: opened.why, userId }, now)
    return { kind: 'signed-in', session: opened.session }
  })
  if (outcome.kind === 'too-many-attempts') holdBack(db, 'sign-in-refused', { count: 1, since: now })
  return outcome
}

type Spent =
  | { readonly kind: 'spent'; readonly userId: string }
  | { readonly kind: 'refused'; readonly userId?: string; readonly why: string }

async function spend(db: Database, { code, verifier }: CodeSignInAttempt, now: number): Promise<Spent> {
  // Taken out before it is judged: two who try it at once cannot both have it.
  const row = await db
    .deleteFrom('signInCode')
    .where('hash', '=', hashOf(code))
    .returning(['userId', 'challenge', 'madeAt'])
    .executeTakeFirst()
  if (!row) return { kind: 'refused', why: 'no-such-code' }
  const { userId } = row
  const why = codeError(row, verifier, now)
  return why === undefined ? { kind: 'spent', userId } : { kind: 'refused', why, userId }
}

function codeError(
  { madeAt, challenge }: Pick<SignInCodeTable, 'madeAt' | 'challenge'>,
  verifier: string,
  now: number,
): string | undefined {
  if (Math.abs(now - madeAt) > codeLifetime) return 'code-too-old'
  // The hash of the verifier, as base64url, is what PKCE calls S256.
  return hashOf(verifier) === challenge ? undefined : 'wrong-verifier'
}

async function refuse(
  db: Database,
  secret: string,
  { from, device }: CodeSignInAttempt,
  { why, userId: who }: { readonly why: string; readonly userId?: string },
  at: number,
): Promise<SignInOutcome> {
  const wait = await countRefusal(db, secret, { kind: 'code', address: from.address }, at)
  if (wait > 0) return { kind: 'too-many-attempts', wait }
  await audit(db, { at, what: 'sign-in-refused', who, from, device, detail: { why, by: 'issuer' } })
  return { kind: 'wrong-credentials' }
}

/** Drops codes that were never spent. */
export const deleteExpiredSignInCodes = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'signInCode', 'madeAt', now - 3_600_000)
