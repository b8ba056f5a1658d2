import type { Database } from '../database/tables.ts'

/** Somebody at their own account pages. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly email: string
  /** As they chose it; null for somebody who has only an address. */
  readonly username: string | null
  readonly language: string | null
  readonly mailMissed: boolean
  readonly mailNames: boolean
  readonly hasPassword: boolean
  /** At the issuer that they may sign in with; undefined while none is linked. */
  readonly linked: { readonly email: string | null } | undefined
}

export async function readPerson(db: Database, userId: string): Promise<Person> {
  const row = await db
    .selectFrom('user')
    .leftJoin('issuerProfile', 'issuerProfile.userId', 'user.id')
    .select(['user.id', 'user.name', 'user.email', 'user.username', 'user.displayUsername', 'user.language'])
    .select(['user.mailMissed', 'user.mailNames', 'issuerProfile.email as issuerEmail'])
    .where('user.id', '=', userId)
    .executeTakeFirstOrThrow()
  const ways = await db
    .selectFrom('account')
    .select(['providerId', 'password'])
    .where('userId', '=', userId)
    .execute()
  const { id, name, email, language } = row
  return {
    ...{ id, name, email, language },
    username: row.displayUsername ?? row.username,
    mailMissed: row.mailMissed === 1,
    mailNames: row.mailNames === 1,
    hasPassword: ways.some(({ providerId, password }) => providerId === 'credential' && password !== null),
    linked: ways.some(({ providerId }) => providerId !== 'credential')
      ? { email: row.issuerEmail }
      : undefined,
  }
}
