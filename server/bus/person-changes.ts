import type { Clock } from '../clock.ts'
import type { Bus } from './bus.ts'
import { type PersonMessage, personSubject } from './person-message.ts'

/** That something of a person is another than it was. What it is now, whoever holds a connection of theirs reads. */
export type PersonChange = Extract<
  PersonMessage,
  { kind: 'missed' | 'placed' | 'account' | 'sessions-changed' }
>

/** A bus that hangs is found out within so long, in ms: what was said on it by then nobody may have heard. */
const unheardFor = 5_000

/**
 * Tells whoever holds connections of a person what has changed. What was told as the bus was being lost, or while it was,
 * is told again when it is back.
 */
export function createPersonChanges(
  bus: Bus,
  clock: Pick<Clock, 'monotonic'>,
): (userId: string, change: PersonChange) => void {
  /** What may not have been heard, the oldest first. */
  const recent = new Map<
    string,
    { readonly userId: string; readonly change: PersonChange; readonly at: number }
  >()

  const forgetHeard = (now: number) => {
    if (!bus.isConnected) return
    for (const [key, { at }] of recent) {
      if (now - at < unheardFor) return
      recent.delete(key)
    }
  }

  bus.onConnection((isConnected) => {
    if (!isConnected) return
    for (const { userId, change } of recent.values()) bus.publish(personSubject(userId), change)
    recent.clear()
  })

  return (userId, change) => {
    const now = clock.monotonic()
    forgetHeard(now)
    const key = `${change.kind} ${userId}`
    recent.delete(key)
    recent.set(key, { userId, change: { kind: change.kind }, at: now })
    bus.publish(personSubject(userId), change)
  }
}
