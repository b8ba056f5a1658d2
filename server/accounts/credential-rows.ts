import { randomUUID } from 'node:crypto'
import type { Database } from '../database/tables.ts'

/**
 * The one place that writes to the table `account`, in which better-auth has the ways by which a person signs in:
 * a password with us, or an account at an issuer. `better-auth-tables.ts` says why it is not better-auth that writes.
 */

/** What better-auth calls the provider of passwords; every other one is an issuer's identifier. */
export const passwordProvider = 'credential'

/** The hash of a person's password as it is kept; undefined for whoever has none. */
export async function passwordHashOf(db: Database, userId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('account')
    .select('password')
    .where('userId', '=', userId)
    .where('providerId', '=', passwordProvider)
    .executeTakeFirst()
  return row?.password ?? undefined
}

/** Gives a person who has had no password their first. @param hash by `Passwords.hash`. */
export const insertPassword = (db: Database, userId: string, hash: string, now: number): Promise<void> =>
  insertCredential(db, { userId, providerId: passwordProvider, accountId: userId, password: hash }, now)

/** Replaces the hash of a person's password, or gives them one. */
export async function putPassword(db: Database, userId: string, hash: string, now: number): Promise<void> {
  const replaced = await db
    .updateTable('account')
    .set({ password: hash, updatedAt: new Date(now).toISOString() })
    .where('userId', '=', userId)
    .where('providerId', '=', passwordProvider)
    .executeTakeFirst()
  if (Number(replaced.numUpdatedRows) === 0) await insertPassword(db, userId, hash, now)
}

export interface IssuerLink {
  readonly userId: string
  /** The issuer's identifier. */
  readonly issuer: string
  /** Who they are there. */
  readonly sub: string
}

/** Lets a person sign in by an account at an issuer. Nothing that the issuer gave is kept but who they are. */
export const insertIssuerLink = (
  db: Database,
  { userId, issuer, sub }: IssuerLink,
  now: number,
): Promise<void> => insertCredential(db, { userId, providerId: issuer, accountId: sub, password: null }, now)

export async function deleteIssuerLinksOf(db: Database, userId: string): Promise<void> {
  await db
    .deleteFrom('account')
    .where('userId', '=', userId)
    .where('providerId', '!=', passwordProvider)
    .execute()
}

/** Leaves a person no way to sign in. */
export async function deleteCredentialsOf(db: Database, userId: string): Promise<void> {
  await db.deleteFrom('account').where('userId', '=', userId).execute()
}

interface Credential {
  readonly userId: string
  readonly providerId: string
  readonly accountId: string
  readonly password: string | null
}

async function insertCredential(db: Database, credential: Credential, now: number): Promise<void> {
  const at = new Date(now).toISOString()
  await db
    .insertInto('account')
    .values({
      id: randomUUID(),
      ...credential,
      accessToken: null,
      refreshToken: null,
      idToken: null,
      accessTokenExpiresAt: null,
      refreshTokenExpiresAt: null,
      scope: null,
      createdAt: at,
      updatedAt: at,
    })
    .execute()
}
