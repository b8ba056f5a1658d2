import { deleteIssuerLinksOf, passwordHashOf, passwordProvider } from '../accounts/credential-rows.ts'
import { hasSession } from '../accounts/sessions.ts'
import { changeUser } from '../accounts/user-rows.ts'
import type { Database } from '../database/tables.ts'
import type { Language } from '../locales/language.ts'
import { type Actor, recordChange } from './record-change.ts'

/** Somebody at their pages of My account. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly email: string
  /** As they chose it; null for somebody who has only an address. */
  readonly username: string | null
  readonly language: string | null
  readonly mailMissed: boolean
  readonly mailNames: boolean
  readonly mailUnread: boolean
  readonly tellsRead: boolean
  readonly hasPassword: boolean
  /** At the issuer that they may sign in with; undefined while none is linked. */
  readonly linked: { readonly email: string | null } | undefined
}

export async function readPerson(db: Database, userId: string): Promise<Person> {
  const row = await db
    .selectFrom('user')
    .leftJoin('issuerProfile', 'issuerProfile.userId', 'user.id')
    .select(['user.id', 'user.name', 'user.email', 'user.username', 'user.displayUsername', 'user.language'])
    .select(['user.mailMissed', 'user.mailNames', 'user.mailUnread', 'user.tellsRead'])
    .select('issuerProfile.email as issuerEmail')
    .where('user.id', '=', userId)
    .executeTakeFirstOrThrow()
  const credentials = await db
    .selectFrom('account')
    .select(['providerId', 'password'])
    .where('userId', '=', userId)
    .execute()
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    username: row.displayUsername ?? row.username,
    language: row.language,
    mailMissed: row.mailMissed === 1,
    mailNames: row.mailNames === 1,
    mailUnread: row.mailUnread === 1,
    tellsRead: row.tellsRead === 1,
    hasPassword: credentials.some(
      ({ providerId, password }) => providerId === passwordProvider && password !== null,
    ),
    linked: credentials.some(({ providerId }) => providerId !== passwordProvider)
      ? { email: row.issuerEmail }
      : undefined,
  }
}

/** What people may change about themselves without being asked for their password. */
export interface Profile {
  readonly name: string
  /** Null to go by what the browser asks for. */
  readonly language: Language | null
  readonly mailMissed: boolean
  readonly mailNames: boolean
  readonly mailUnread: boolean
  readonly tellsRead: boolean
}

/** Changes what differs. The record says what was changed, and not from what to what. @returns whether anything was. */
export const changeProfile = (db: Database, actor: Actor, wanted: Partial<Profile>): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    const { userId } = actor.webSession
    const person = await readPerson(transaction, userId)
    const changed = Object.entries(wanted).filter(([key, value]) => person[key as keyof Profile] !== value)
    if (changed.length === 0) return false
    await changeUser(transaction, userId, Object.fromEntries(changed), actor.now)
    const fields = changed.map(([key]) => key).join(' ')
    await recordChange(transaction, 'account-changed', actor, { fields })
    return true
  })

/**
 * Forgets the account at the issuer, and the codes by which it would sign somebody in.
 *
 * @param passwordHash of the password that the person has just shown to know, which is their other way in.
 * @returns whether none is linked now; false, with nothing done, when that is not their password any more or the session
 * that they came by is over: verifying takes its time.
 */
export const unlinkIssuer = (db: Database, actor: Actor, passwordHash: string): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    const { userId, sessionId } = actor.webSession
    if (
      !(await hasSession(transaction, sessionId)) ||
      (await passwordHashOf(transaction, userId)) !== passwordHash
    )
      return false
    const { linked } = await readPerson(transaction, userId)
    if (!linked) return true
    await deleteIssuerLinksOf(transaction, userId)
    await transaction.deleteFrom('issuerProfile').where('userId', '=', userId).execute()
    await transaction.deleteFrom('signInCode').where('userId', '=', userId).execute()
    await recordChange(transaction, 'issuer-unlinked', actor)
    return true
  })
