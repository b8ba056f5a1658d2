import { shownName } from '../../protocol/display-name.ts'
import type { IssuerError } from '../../protocol/http.ts'
import { audit, type Client } from '../accounts/audit.ts'
import { insertIssuerLink } from '../accounts/credential-rows.ts'
import { comparableEmail, domainOfEmail } from '../accounts/login-name.ts'
import { enqueueSecurityMail } from '../accounts/security-mail.ts'
import { insertUser } from '../accounts/user-rows.ts'
import type { Database } from '../database/tables.ts'
import { issuerProfileOf } from './issuer-profile.ts'
import type { IssuerClaims } from './openid-client.ts'

export interface IssuerPolicy {
  /** The issuer's identifier: the same `sub` at another issuer is somebody else. */
  readonly issuer: string
  /** What people know it by. */
  readonly name: string
  /** Whose new accounts are welcome, and nobody else's are linked; without any, accounts that are there are linked. */
  readonly domains: readonly string[]
}

export type ResolvedPerson =
  | { readonly kind: 'found'; readonly userId: string }
  | { readonly kind: 'refused'; readonly error: IssuerError; readonly userId?: string }

/**
 * Who it is that signed in at the issuer: whoever is linked to that `sub`; else whoever has that verified
 * address, and is linked from now on; else somebody new, where their domain is welcome. Call it in a
 * transaction: what is made is on record, who was linked is told, and of two who sign in at once the second finds
 * what the first made.
 */
export async function resolvePerson(
  db: Database,
  policy: IssuerPolicy,
  claims: IssuerClaims,
  from: Client,
  now: number,
): Promise<ResolvedPerson> {
  const { issuer, domains } = policy
  const linked = await db
    .selectFrom('account')
    .innerJoin('user', 'user.id', 'account.userId')
    .select(['user.id', 'user.disabledAt'])
    .where('account.providerId', '=', issuer)
    .where('account.accountId', '=', claims.sub)
    .executeTakeFirst()
  if (linked) return admitted(linked)

  const email = comparableEmail(claims.email)
  if (email === undefined || !claims.emailVerified) return { kind: 'refused', error: 'unverified-email' }
  const known = await db
    .selectFrom('user')
    .select(['id', 'emailVerified', 'disabledAt'])
    .where('email', '=', email)
    .executeTakeFirst()
  // The issuer may vouch for any address there is: one account there must not open the account of somebody whom the
  // operator never meant to come this way.
  const welcome = domains.includes(domainOfEmail(email))
  if (!welcome && (!known || domains.length > 0))
    return { kind: 'refused', error: 'domain-not-allowed', ...(known && { userId: known.id }) }
  if (!known) return makeNew(db, policy, claims, email, from, now)
  // Somebody may have made an account with an address that is not theirs, to wait in it with a password of
  // their own until its owner comes by way of the issuer. An address that nobody has shown to read links nothing.
  if (known.emailVerified !== 1) return { kind: 'refused', error: 'account-unverified', userId: known.id }
  const found = admitted(known)
  if (found.kind === 'found') await link(db, policy, found.userId, claims, from, now)
  return found
}

const admitted = ({ id, disabledAt }: { id: string; disabledAt: number | null }): ResolvedPerson =>
  disabledAt === null
    ? { kind: 'found', userId: id }
    : { kind: 'refused', error: 'account-disabled', userId: id }

async function link(
  db: Database,
  { issuer, name }: IssuerPolicy,
  userId: string,
  { sub }: IssuerClaims,
  from: Client,
  now: number,
) {
  await insertIssuerLink(db, { userId, issuer, sub }, now)
  await audit(db, { at: now, what: 'issuer-linked', who: userId, from, detail: { issuer } })
  const news = { event: 'issuer-linked', userId, at: now, from, detail: { issuer: name } } as const
  await enqueueSecurityMail(db, news, now)
}

async function makeNew(
  db: Database,
  { issuer }: IssuerPolicy,
  claims: IssuerClaims,
  email: string,
  from: Client,
  now: number,
): Promise<ResolvedPerson> {
  const { name, picture, language } = issuerProfileOf(claims)
  const profile = { name: name ?? shownName(email), picture, language }
  const user = { ...profile, email, emailVerified: true, username: null }
  const userId = await insertUser(db, user, now)
  await insertIssuerLink(db, { userId, issuer, sub: claims.sub }, now)
  // What was taken, not chosen: the next sign-in may change it.
  await db
    .insertInto('issuerProfile')
    .values({ userId, ...profile })
    .execute()
  await audit(db, { at: now, what: 'issuer-account-made', who: userId, from, detail: { issuer } })
  return { kind: 'found', userId }
}
