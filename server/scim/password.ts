import type { Auth } from '../accounts/better-auth.ts'
import { passwordHashOf, putPassword } from '../accounts/credential-rows.ts'
import { normalizedPassword, passwordError } from '../accounts/password-rule.ts'
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

/**
 * Reads the password that the clinic's system gives somebody: by the rules of everybody's.
 *
 * @param given undefined when none was, null when it was to be removed.
 * @param userId of a person whom the clinic's system has already.
 */
export async function passwordToSet(
  { db, auth }: { readonly db: Database; readonly auth: Auth },
  given: unknown,
  userId: string | undefined,
): Promise<PasswordToSet> {
  if (given === undefined) return { kind: 'good', hash: undefined }
  if (given === null) return { kind: 'invalid', error: 'A password cannot be taken away.' }
  if (typeof given !== 'string') return { kind: 'invalid', error: 'A password is a string.' }
  const chosen = normalizedPassword(given)
  const error = passwordError(chosen)
  if (error !== undefined) return { kind: 'invalid', error }
  const { password } = await auth.$context
  const had = userId === undefined ? undefined : await passwordHashOf(db, userId)
  const same = had !== undefined && (await password.verify({ hash: had, password: chosen }))
  return { kind: 'good', hash: same ? undefined : await password.hash(chosen) }
}

/**
 * Sets the password that came with a request, if one did and is not set yet. Where there was another, its
 * sessions end and the person is told by mail. Call it in a transaction.
 */
export async function applyPassword(
  db: Database,
  current: ProvisioningContext,
  userId: string,
): Promise<void> {
  const { passwordHash: hash, now } = current
  if (hash === undefined) return
  current.passwordHash = undefined
  if ((await passwordHashOf(db, userId)) === undefined) return putPassword(db, userId, hash, now)
  await setPassword(db, { userId, hash, asked: 'en' }, now)
  const ended = await deleteSessionsOf(db, userId)
  await recordProvisioning(db, current, userId, 'password-changed', { ended })
  current.touched.add(userId)
}
