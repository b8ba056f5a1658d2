import { attemptPassword } from '../accounts/attempt-password.ts'
import { passwordHashOf } from '../accounts/credential-rows.ts'
import { forgive } from '../accounts/failed-attempts.ts'
import { isFirstPasswordOver } from '../accounts/first-passwords.ts'
import { normalizedPassword } from '../accounts/password-rule.ts'
import { type Weakness, weaknessOf } from '../accounts/password-strength.ts'
import { byRight, type Hashing, type PasswordDependencies } from '../accounts/passwords.ts'
import { deleteSessionsOf } from '../accounts/session-rows.ts'
import { setPassword } from '../accounts/set-password.ts'
import type { Language } from '../locales/language.ts'
import { countChange } from './count-change.ts'
import { type Actor, recordChange } from './record-change.ts'

export type Checked =
  | { readonly kind: 'right'; readonly hash: string }
  | { readonly kind: 'wrong'; readonly hash: string }
  /** The person signs in at the issuer alone. */
  | { readonly kind: 'none' }
  /** How long to wait, in ms. */
  | { readonly kind: 'too-many'; readonly wait: number }

/**
 * Looks whether somebody knows the password of their account. Wrong ones are counted, and make wait: whoever types
 * them in the pages that this session opened, and nobody else at that address.
 */
export async function checkPassword(
  dependencies: PasswordDependencies,
  actor: Actor,
  typed: string,
): Promise<Checked> {
  const { db, secret } = dependencies
  const { webSession, now } = actor
  const hash = await passwordHashOf(db, webSession.userId)
  if (hash === undefined) return { kind: 'none' }
  const who = { kind: 'web-session', ...webSession } as const
  const attempt = { who, turn: byRight, now: () => now }
  const looked = await attemptPassword(dependencies, attempt, (hashing) => isPassword(hashing, hash, typed))
  if (looked.kind === 'too-soon') return { kind: 'too-many', wait: looked.wait }
  if (looked.found && !(await isFirstPasswordOver(db, webSession.userId, now))) {
    await db.transaction().execute((transaction) => forgive(transaction, secret, who, now))
    return { kind: 'right', hash }
  }
  await recordChange(db, 'password-refused', actor)
  return { kind: 'wrong', hash }
}

export type PasswordChange =
  | 'changed'
  | 'same'
  | { readonly kind: 'weak'; readonly why: Weakness }
  /** It was changed too often of late. ms. */
  | { readonly kind: 'too-often'; readonly wait: number }
  | Exclude<Checked, { readonly kind: 'right' }>

export interface AskedChange {
  readonly old: string
  /** Normalized, and by the rules. */
  readonly next: string
  /** To write in to somebody who never chose one. */
  readonly language: Language
  /** Names of the person and of the place, which are part of no password. */
  readonly own: readonly string[]
}

/** Changes a person's password, ends their sessions on every other device, and tells them by mail. */
export async function changePassword(
  dependencies: PasswordDependencies,
  actor: Actor,
  { old, next, language, own }: AskedChange,
): Promise<PasswordChange> {
  const { db, passwords } = dependencies
  const checked = await checkPassword(dependencies, actor, old)
  if (checked.kind === 'none' || checked.kind === 'too-many') return checked
  const already = await isPassword(passwords, checked.hash, next)
  // Sent twice by an impatient finger: the first has done it.
  if (checked.kind === 'wrong') return already ? 'changed' : checked
  if (already) return 'same'
  const weakness = await weaknessOf(next, own)
  if (weakness) return { kind: 'weak', why: weakness }
  const wait = await countChange(dependencies, actor, 'password-changed')
  if (wait > 0) return { kind: 'too-often', wait }
  const { userId } = actor.webSession
  const hash = await passwords.hash(next)
  const written = await db.transaction().execute(async (transaction): Promise<Written> => {
    // Another tab may have been quicker: then the old one is not the old one any more.
    const now = await passwordHashOf(transaction, userId)
    if (now !== checked.hash) return { kind: 'overtaken', hash: now }
    await setPassword(transaction, { userId, hash, asked: language }, actor.now)
    const end = { why: 'passwordChanged', at: actor.now } as const
    const ended = await deleteSessionsOf(transaction, userId, { stays: actor.webSession.sessionId, end })
    await recordChange(transaction, 'password-changed', actor, { ended })
    return { kind: 'changed' }
  })
  if (written.kind === 'changed') return 'changed'
  // Only now: hashing takes its time, and nobody else can write while a transaction is open.
  const same = written.hash !== undefined && (await isPassword(passwords, written.hash, next))
  return same ? 'changed' : { kind: 'wrong', hash: checked.hash }
}

type Written =
  | { readonly kind: 'changed' }
  /** By somebody who left the account with this hash, or with no password. */
  | { readonly kind: 'overtaken'; readonly hash: string | undefined }

const isPassword = ({ verify }: Hashing, hash: string, typed: string): Promise<boolean> =>
  verify({ hash, password: normalizedPassword(typed) })
