import type { Bus } from '../bus/bus.ts'
import { type PersonMessage, personSubject } from '../bus/person-message.ts'
import type { CallRow, Database } from '../database/tables.ts'
import { missedCalls } from './missed-calls.ts'

/** What a person's devices are told of their calls. */
export interface CallNews {
  /** How a call ended: by its record alone, so that every device hears the same (P5). `only` is one connection. */
  over(row: CallRow, only?: string): void
  /** There is no such call for this person, or it can lead to nothing any more. */
  nothing(userId: string, call: string, outcome: 'cancelled' | 'missed', only?: string): void
  /** The connection was asked to ring, in vain. */
  unanswered(userId: string, connection: string): void
  missed(userId: string): Promise<void>
}

export function callNews(db: Database, bus: Bus, roomAddress: (room: string) => string): CallNews {
  const tell = (userId: string, message: PersonMessage) => bus.publish(personSubject(userId), message)

  return {
    over({ id: call, userId, state: outcome, byDevice: device, room }, only) {
      if (outcome === 'placed' || outcome === 'ringing' || outcome === 'waiting') return
      const at = outcome === 'answered' ? roomAddress(room) : null
      tell(userId, { kind: 'over', call, outcome, device, room: at, ...(only && { only }) })
    },
    nothing(userId, call, outcome, only) {
      tell(userId, { kind: 'over', call, outcome, device: null, room: null, ...(only && { only }) })
    },
    unanswered: (userId, connection) => tell(userId, { kind: 'unanswered', connection }),
    missed: async (userId) => tell(userId, { kind: 'missed', missed: await missedCalls(db, userId) }),
  }
}
