import { passwordHashOf, putPassword } from '../accounts/credential-rows.ts'
import { firstPasswordEnd } from '../accounts/first-passwords.ts'
import { normalizedPassword, passwordError } from '../accounts/password-rule.ts'
import { weaknessOf, weaknessSentences } from '../accounts/password-strength.ts'
import type { PasswordDependencies } from '../accounts/passwords.ts'
import { countRequest } from '../accounts/request-rate-limit.ts'
import { deleteSessionsOf } from '../accounts/session-rows.ts'
import { setPassword } from '../accounts/set-password.ts'
import type { Database } from '../database/tables.ts'
import { type ProvisioningContext, recordProvisioning } from './provisioning-context.ts'

/** The password of a person is nothing that the plugin knows: it is taken out of the request, and set by us. */

export type PasswordToSet =
  /** Undefined when there is none to set: none was given, or it is theirs already. */
  | { readonly kind: 'good'; readonly hash: string | undefined }
  /** One sentence. */
  | { readonly kind: 'invalid'; readonly error: string }
  /** It was changed too often of late. ms. */
  | { readonly kind: 'too-often'; readonly wait: number }

/** So often within an hour the clinic's system changes the password of one person: each ends all that they have open. */
const mostChanges = 10

/**
 * Reads the password that the clinic's system gives somebody: by the rules of everybody's.
 *
 * @param given undefined when none was, null when it was to be removed.
 * @param userId of a person whom the clinic's system has already.
 * @param own names of theirs and of the place, which are part of no password.
 */
export async function passwordToSet(
  { db, passwords, secret }: PasswordDependencies,
  given: unknown,
  userId: string | undefined,
  own: readonly string[],
  now: number,
): Promise<PasswordToSet> {
  if (given === undefined) return { kind: 'good', hash: undefined }
  if (given === null) return { kind: 'invalid', error: 'A password cannot be taken away.' }
  if (typeof given !== 'string') return { kind: 'invalid', error: 'A password is a string.' }
  const chosen = normalizedPassword(given)
  const error = passwordError(chosen)
  if (error !== undefined) return { kind: 'invalid', error }
  const had = userId === undefined ? undefined : await passwordHashOf(db, userId)
  const isSame = had !== undefined && (await passwords.verify({ hash: had, password: chosen }))
  // The operator's word ends, and the clinic's does not.
  const ends = userId !== undefined && (await firstPasswordEnd(db, userId)) !== undefined
  if (isSame && !ends) return { kind: 'good', hash: undefined }
  const weakness = await weaknessOf(chosen, own)
  if (weakness) return { kind: 'invalid', error: weaknessSentences[weakness] }
  if (had !== undefined) {
    const limit = { key: `provisioned-password:${userId}`, most: mostChanges }
    const wait = await countRequest(db, secret, [limit], now)
    if (wait > 0) return { kind: 'too-often', wait }
  }
  return { kind: 'good', hash: await passwords.hash(chosen) }
}

/**
 * Sets the password that came with a request, if one did and is not set yet. Where there was another, its
 * sessions end and the person is told by mail, once an hour at most. Call it in a transaction.
 */
export async function applyPassword(
  db: Database,
  current: ProvisioningContext,
  userId: string,
): Promise<void> {
  const { passwordHash: hash, secret, now } = current
  if (hash === undefined) return
  current.passwordHash = undefined
  if ((await passwordHashOf(db, userId)) === undefined) return putPassword(db, userId, hash, now)
  const told = { key: `provisioned-password-told:${userId}`, most: 1 }
  const untold = (await countRequest(db, secret, [told], now)) > 0
  await setPassword(db, { userId, hash, asked: 'en', untold }, now)
  const ended = await deleteSessionsOf(db, userId, { end: { why: 'passwordChanged', at: now } })
  await recordProvisioning(db, current, userId, 'password-changed', { ended })
  current.touched.add(userId)
}
