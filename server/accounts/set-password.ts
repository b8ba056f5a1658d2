import type { Database } from '../database/tables.ts'
import { type Language, languageFor } from '../locales/language.ts'
import { enqueueMail } from '../mail/outbox.ts'
import { putPassword } from './credential-rows.ts'
import { forgetFirstPassword } from './first-passwords.ts'
import { endLinksOf } from './links.ts'

export interface NewPassword {
  readonly userId: string
  /** By `Passwords.hash`. */
  readonly hash: string
  /** The language to write in to somebody who never chose one. */
  readonly asked: Language
  /** They were told of another change just now. */
  readonly untold?: boolean
}

/**
 * Gives a person a new password and does what goes with it: a first password, links to reset it and codes that would
 * sign in are over, and they are told by mail. Sessions are the caller's to end. Call it in a transaction.
 */
export async function setPassword(
  db: Database,
  { userId, hash, asked, untold = false }: NewPassword,
  now: number,
): Promise<void> {
  await putPassword(db, userId, hash, now)
  await forgetFirstPassword(db, userId)
  await endLinksOf(db, userId, 'password-changed', now)
  await db.deleteFrom('signInCode').where('userId', '=', userId).execute()
  if (untold) return
  const user = await db
    .selectFrom('user')
    .select(['email', 'language'])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
  const language = languageFor(user.language, asked)
  await enqueueMail(db, { kind: 'changed', values: { at: now }, to: user.email, userId, language }, now)
}
