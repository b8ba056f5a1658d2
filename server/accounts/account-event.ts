import type { Database } from '../database/tables.ts'
import { audit } from './audit.ts'

/** What happened to an account by a page or a mail, for the record. Never a secret. */
export interface AccountEvent {
  readonly kind: 'reset-asked' | 'reset-done' | 'sign-up-asked' | 'invited' | 'signed-up'
  /** Null when nobody of that name is known. */
  readonly userId: string | null
  /** From where; null for a command of this machine. */
  readonly address: string | null
  /** Wall-clock ms. */
  readonly at: number
}

/** The one door to the record of what happens to accounts. Called in the transaction of what happened. */
export const noteAccountEvent = (db: Database, { kind, userId, address, at }: AccountEvent): Promise<void> =>
  audit(db, {
    ...{ at, what: kind, who: userId ?? undefined },
    from: address === null ? undefined : { address, label: '' },
  })
