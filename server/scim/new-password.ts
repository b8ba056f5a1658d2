import type { Auth } from '../accounts/auth.ts'
import { passwordHashOf } from '../accounts/password-hash.ts'
import { brokenRules, keptPassword, passwordProblem } from '../accounts/password-rule.ts'
import type { Database } from '../database/tables.ts'

export type NewPassword =
  /** Undefined when there is none to set: none was given, or it is theirs already. */
  | { readonly kind: 'good'; readonly hash: string | undefined }
  /** One sentence. */
  | { readonly kind: 'invalid'; readonly error: string }

/** Reads the password that the clinic's system gives somebody: by the rules of everybody's. */
export async function newPassword(
  { db, auth }: { readonly db: Database; readonly auth: Auth },
  given: unknown,
  userId: string | undefined,
): Promise<NewPassword> {
  if (given === undefined) return { kind: 'good', hash: undefined }
  if (given === null) return { kind: 'invalid', error: 'A password cannot be taken away.' }
  if (typeof given !== 'string') return { kind: 'invalid', error: 'A password is a string.' }
  const kept = keptPassword(given)
  if (brokenRules(kept).length > 0) return { kind: 'invalid', error: passwordProblem(kept) ?? '' }
  const { password } = await auth.$context
  const had = userId === undefined ? undefined : await passwordHashOf(db, userId)
  const same = had !== undefined && (await password.verify({ hash: had, password: kept }))
  return { kind: 'good', hash: same ? undefined : await password.hash(kept) }
}
