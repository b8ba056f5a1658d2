import type { IssuerError } from '../../protocol/http.ts'
import { audit, type Origin } from '../accounts/audit.ts'
import type { Auth } from '../accounts/auth.ts'
import type { Database } from '../database/tables.ts'
import type { IssuerClaims } from './issuer.ts'
import { comparableEmail, takenProfile } from './taken-profile.ts'

export interface AtIssuer {
  readonly db: Database
  readonly auth: Auth
  /** The issuer's identifier: the same `sub` at another issuer is somebody else. */
  readonly issuer: string
  /** Whose new accounts are welcome. */
  readonly domains: readonly string[]
}

export type Found =
  | { readonly kind: 'found'; readonly userId: string }
  | { readonly kind: 'refused'; readonly error: IssuerError; readonly userId?: string }

/**
 * Who it is that signed in at the issuer: whoever is linked to that `sub`; else whoever has that verified
 * address, and is linked from now on; else somebody new, where their domain is welcome.
 */
export async function personAtIssuer(...given: Parameters<typeof find>): Promise<Found> {
  try {
    return await find(...given)
  } catch {
    // Two sign-ins of one person at once: the database lets one make the account, and the other finds it.
    return find(...given)
  }
}

async function find(parts: AtIssuer, claims: IssuerClaims, from: Origin, now: number): Promise<Found> {
  const { db, issuer } = parts
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
  if (!known) return makeNew(parts, claims, email, from, now)
  // Somebody may have made an account with an address that is not theirs, to wait in it with a password of
  // their own until its owner comes by way of the issuer. An address that nobody has shown to read links nothing.
  if (known.emailVerified !== 1) return { kind: 'refused', error: 'account-unverified', userId: known.id }
  const found = admitted(known)
  if (found.kind === 'found') await link(parts, found.userId, claims, from, now)
  return found
}

const admitted = ({ id, disabledAt }: { id: string; disabledAt: number | null }): Found =>
  disabledAt === null
    ? { kind: 'found', userId: id }
    : { kind: 'refused', error: 'account-disabled', userId: id }

async function link(
  { db, auth, issuer }: AtIssuer,
  userId: string,
  { sub }: IssuerClaims,
  from: Origin,
  now: number,
) {
  const { internalAdapter } = await auth.$context
  await internalAdapter.linkAccount({ userId, providerId: issuer, accountId: sub })
  await audit(db, { at: now, what: 'issuer-linked', who: userId, from, detail: { issuer } })
}

async function makeNew(
  { db, auth, issuer, domains }: AtIssuer,
  claims: IssuerClaims,
  email: string,
  from: Origin,
  now: number,
): Promise<Found> {
  if (!domains.includes(email.slice(email.lastIndexOf('@') + 1)))
    return { kind: 'refused', error: 'domain-not-allowed' }
  const { name, picture } = takenProfile(claims)
  const { internalAdapter } = await auth.$context
  const { user } = await internalAdapter.createOAuthUser(
    { email, emailVerified: true, name: name ?? email, image: picture },
    { providerId: issuer, accountId: claims.sub },
  )
  // What was taken, not chosen: the next sign-in may change it.
  await db
    .insertInto('issuerProfile')
    .values({ userId: user.id, name: name ?? email, picture, language: null })
    .execute()
  await audit(db, { at: now, what: 'issuer-account-made', who: user.id, from, detail: { issuer } })
  return { kind: 'found', userId: user.id }
}
