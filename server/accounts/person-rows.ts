import { randomUUID } from 'node:crypto'
import type { Database } from '../database/tables.ts'

export interface PersonRow {
  readonly name: string
  /** In lower case. */
  readonly email: string
  readonly emailVerified: boolean
  /** As it was chosen; null for a person who has only an email address. */
  readonly username: string | null
  readonly picture: string | null
  readonly language: string | null
}

/** Writes a person down as better-auth would. Call it in a transaction. @returns their id. */
export async function insertPerson(db: Database, person: PersonRow, now: number): Promise<string> {
  const { name, email, emailVerified, username, picture, language } = person
  const id = randomUUID()
  const at = new Date(now).toISOString()
  await db
    .insertInto('user')
    .values({
      ...{ id, name, email, language, image: picture },
      emailVerified: emailVerified ? 1 : 0,
      username: username?.toLowerCase() ?? null,
      displayUsername: username,
      ...{ createdAt: at, updatedAt: at },
    })
    .execute()
  return id
}

export interface LoginRow {
  readonly userId: string
  /** `credential`, or an issuer's identifier. */
  readonly providerId: string
  /** Who they are there. */
  readonly accountId: string
  /** The hash of their password with us. */
  readonly password?: string
}

/** Writes a way to sign in down as better-auth would. Call it in a transaction. */
export async function insertLogin(db: Database, login: LoginRow, now: number): Promise<void> {
  const at = new Date(now).toISOString()
  await db
    .insertInto('account')
    .values({
      ...{ id: randomUUID(), accessToken: null, refreshToken: null, idToken: null },
      ...{ accessTokenExpiresAt: null, refreshTokenExpiresAt: null, scope: null, password: null },
      ...login,
      ...{ createdAt: at, updatedAt: at },
    })
    .execute()
}
