import type { ServerMessage } from '../../../protocol/connection.ts'

/** So many messages, and so many UTF-16 units, in so many milliseconds: far more than a server of ours has to say. */
const messages = 500
const units = 16_000_000
const every = 10_000

export interface ServerConduct {
  /** Counts a frame of so many UTF-16 units at `now` (monotonic ms); false when it is one too many. */
  readonly hear: (length: number, now: number) => boolean
  /** Takes in that the server said such a message; false when it is not its turn to say it. */
  readonly takes: (type: ServerMessage['type']) => boolean
  /** The device has answered the challenge. */
  readonly saidHello: () => void
}

/**
 * What one connection lets its server do: one challenge, one welcome after the hello and nothing else before it, and
 * no more than can be dealt with. A server that does otherwise is none of ours.
 */
export function createServerConduct(): ServerConduct {
  let stage: 'opened' | 'challenged' | 'greeted' | 'welcomed' = 'opened'
  let budget = { since: Number.NEGATIVE_INFINITY, messages: 0, units: 0 }

  return {
    hear: (length, now) => {
      if (now - budget.since >= every) budget = { since: now, messages: 0, units: 0 }
      budget.messages += 1
      budget.units += length
      return budget.messages <= messages && budget.units <= units
    },
    takes: (type) => {
      switch (type) {
        case 'challenge': {
          const first = stage === 'opened'
          stage = 'challenged'
          return first
        }
        case 'welcome': {
          const due = stage === 'greeted'
          stage = 'welcomed'
          return due
        }
        // Also said to a connection that was welcomed, when a newer one takes its place.
        case 'outranked':
          return stage === 'greeted' || stage === 'welcomed'
        default:
          return stage === 'welcomed'
      }
    },
    saidHello: () => {
      if (stage === 'challenged') stage = 'greeted'
    },
  }
}
