import { beginAttempt, type PasswordTrier, waitBeforeAttempt } from './failed-attempts.ts'
import type { Turn } from './hashing-queue.ts'
import type { Hashing, PasswordDependencies } from './passwords.ts'

export interface PasswordAttempt {
  readonly who: PasswordTrier
  readonly turn: Turn
  /** Wall-clock ms. */
  readonly now: () => number
}

export type Attempted<T> =
  /** How long to wait, in ms. */
  { readonly kind: 'too-soon'; readonly wait: number } | { readonly kind: 'looked'; readonly found: T }

/**
 * Has a password looked at when its turn has come, and counts it as wrong just before; `forgive` takes that back. Who
 * comes too soon asks for no turn, and who gets none has nothing written: a flood costs neither turns nor writes.
 *
 * @throws PasswordsBusy when too many want a turn at this moment; that is no attempt.
 */
export async function attemptPassword<T>(
  { db, passwords, secret }: PasswordDependencies,
  { who, turn, now }: PasswordAttempt,
  look: (hashing: Hashing) => Promise<T>,
): Promise<Attempted<T>> {
  const early = await waitBeforeAttempt(db, secret, who, now())
  if (early > 0) return { kind: 'too-soon', wait: early }
  return passwords.inTurn(turn, async (hashing) => {
    const wait = await beginAttempt(db, secret, who, now())
    return wait > 0 ? { kind: 'too-soon', wait } : { kind: 'looked', found: await look(hashing) }
  })
}
