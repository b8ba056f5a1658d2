import { randomUUID } from 'node:crypto'
import type { Database } from '../database/tables.ts'

/** The one place that writes to the table `user`; `better-auth-tables.ts` says why that is not better-auth. */

export interface NewUser {
  readonly name: string
  /** In lower case. */
  readonly email: string
  readonly emailVerified: boolean
  /** As it was chosen; null for a person who has only an email address. */
  readonly username: string | null
  readonly picture?: string | null
  readonly language?: string | null
}

/** @returns the id of the new person. Call it in a transaction. */
export async function insertUser(
  db: Database,
  { name, email, emailVerified, username, picture = null, language = null }: NewUser,
  now: number,
): Promise<string> {
  const id = randomUUID()
  const at = new Date(now).toISOString()
  await db
    .insertInto('user')
    .values({
      id,
      name,
      email,
      emailVerified: Number(emailVerified),
      username: username?.toLowerCase() ?? null,
      displayUsername: username,
      image: picture,
      language,
      createdAt: at,
      updatedAt: at,
    })
    .execute()
  return id
}

/** What may change about a person; what is not named stays. */
export interface UserChange {
  readonly name?: string
  readonly emailVerified?: boolean
  /** As it was chosen; null takes it away. */
  readonly username?: string | null
  readonly picture?: string | null
  readonly language?: string | null
  readonly mailMissed?: boolean
  readonly mailNames?: boolean
  readonly mailUnread?: boolean
  readonly tellsRead?: boolean
}

export async function changeUser(
  db: Database,
  userId: string,
  {
    name,
    emailVerified,
    username,
    picture,
    language,
    mailMissed,
    mailNames,
    mailUnread,
    tellsRead,
  }: UserChange,
  now: number,
): Promise<void> {
  const bit = (value: boolean | undefined) => (value === undefined ? undefined : Number(value))
  // Kysely leaves out what is undefined.
  await db
    .updateTable('user')
    .set({
      name,
      emailVerified: bit(emailVerified),
      username: username?.toLowerCase() ?? username,
      displayUsername: username,
      image: picture,
      language,
      mailMissed: bit(mailMissed),
      mailNames: bit(mailNames),
      mailUnread: bit(mailUnread),
      tellsRead: bit(tellsRead),
      updatedAt: new Date(now).toISOString(),
    })
    .where('id', '=', userId)
    .execute()
  if (name !== undefined || username !== undefined) await notePersonChange(db, userId)
}

/**
 * Lets a person sign in no more, since wall-clock ms, or again (null). Their sessions are the caller's to end. A
 * deleted account stays as it is.
 */
export async function setDisabledAt(db: Database, userId: string, at: number | null): Promise<void> {
  await db
    .updateTable('user')
    .set({ disabledAt: at })
    .where('id', '=', userId)
    .where('deletedAt', 'is', null)
    .execute()
  await notePersonChange(db, userId)
}

/** What a person is called whose account is deleted. */
export const formerName = 'Deleted account'

/**
 * Takes everything out of a person's row that says who they were; nobody can sign in to what is left. Every address
 * is somebody's alone, and what stands for theirs is none: nobody can be given it.
 */
export async function anonymizeUser(db: Database, userId: string, now: number): Promise<void> {
  await db
    .updateTable('user')
    .set({
      name: formerName,
      email: `deleted:${userId}`,
      emailVerified: 0,
      username: null,
      displayUsername: null,
      image: null,
      language: null,
      mailMissed: 0,
      mailNames: 0,
      mailUnread: 0,
      tellsRead: 0,
      disabledAt: now,
      deletedAt: now,
      updatedAt: new Date(now).toISOString(),
    })
    .where('id', '=', userId)
    .execute()
  await notePersonChange(db, userId)
}

/** Removes a person with their sessions and calls. */
export async function deleteUser(db: Database, userId: string): Promise<void> {
  await notePersonChange(db, userId)
  await db.deleteFrom('user').where('id', '=', userId).execute()
}

/** Whoever has this person is told later how they are called now, or that they are gone: they may be many. */
async function notePersonChange(db: Database, userId: string): Promise<void> {
  await db
    .insertInto('personChange')
    .columns(['userId'])
    .expression((e) =>
      e
        .selectFrom('user')
        .select('id')
        .where('id', '=', userId)
        .where(({ exists, or, selectFrom }) =>
          or([
            exists(selectFrom('contact').select('contact.id').where('contact.otherId', '=', userId)),
            exists(selectFrom('contact').select('contact.id').where('contact.userId', '=', userId)),
          ]),
        ),
    )
    .execute()
}
