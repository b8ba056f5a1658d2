import type { Bus } from '../bus/bus.ts'
import { personSubject } from '../bus/person-message.ts'
import type { Database } from '../database/tables.ts'
import { readAccount } from './find-account.ts'

/** Tells a person's devices of what was changed about the person. */
export interface TellDevices {
  /** What the account is called and so on. */
  account(userId: string): Promise<void>
  /** Some of their sessions are over. */
  recheck(userId: string): void
}

export const tellDevices = (db: Database, bus: Bus): TellDevices => ({
  async account(userId) {
    const account = await readAccount(db, userId)
    if (account) bus.publish(personSubject(userId), { kind: 'account', account })
  },
  recheck: (userId) => bus.publish(personSubject(userId), { kind: 'recheck' }),
})
