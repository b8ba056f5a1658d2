import type { Bus } from '../bus/bus.ts'
import { personSubject } from '../bus/person-message.ts'
import type { Database } from '../database/tables.ts'
import type { Log } from '../log.ts'
import { readAccount } from './find-account.ts'

/** Tells a person's devices of what was just committed about the person. What fails here undoes nothing, so nothing throws. */
export interface DeviceNotifier {
  /** What the account is called and so on. Never rejects. */
  accountChanged(userId: string): Promise<void>
  /** Some of their sessions are over. */
  sessionsEnded(userId: string): void
}

export const createDeviceNotifier = (db: Database, bus: Bus, log: Log): DeviceNotifier => ({
  async accountChanged(userId) {
    try {
      const account = await readAccount(db, userId)
      if (account) bus.publish(personSubject(userId), { kind: 'account', account })
    } catch (err) {
      log.error({ err, userId }, 'devices were not told of a changed account')
    }
  },
  sessionsEnded: (userId) => bus.publish(personSubject(userId), { kind: 'sessions-changed' }),
})
