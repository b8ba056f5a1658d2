import type { Bus } from '../bus/bus.ts'
import { createPersonChanges } from '../bus/person-changes.ts'
import type { Clock } from '../clock.ts'

/** Tells a person's devices of what was just committed about the person: whoever holds their connections reads it. */
export interface DeviceNotifier {
  /** What the account is called and so on. */
  accountChanged(userId: string): void
  /** Some of their sessions are over. */
  sessionsEnded(userId: string): void
}

export function createDeviceNotifier(bus: Bus, clock: Clock): DeviceNotifier {
  const tell = createPersonChanges(bus, clock)
  return {
    accountChanged: (userId) => tell(userId, { kind: 'account' }),
    sessionsEnded: (userId) => tell(userId, { kind: 'sessions-changed' }),
  }
}
