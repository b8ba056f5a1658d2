import * as v from 'valibot'
import { browser } from '../../../platform/browser.ts'
import { withTimeout } from '../../../platform/timeout.ts'
import { type Instant, rebased, storedInstant } from '../clocks.ts'
import { createLatestWriter } from '../latest-write.ts'
import type { CallsState, IncomingCallEvent } from './incoming-call-reducer.ts'
import type { Press } from './leg.ts'

const leg = v.object({
  id: v.string(),
  from: v.string(),
  contact: v.optional(v.string()),
  at: v.number(),
  firstRungAt: v.nullable(storedInstant),
  rungAt: storedInstant,
  waitsFor: v.number(),
  press: v.nullable(
    v.object({
      button: v.picklist(['answer', 'decline']),
      reply: v.optional(v.string()),
      at: storedInstant,
    }),
  ),
})
const storedCalls = v.object({ legs: v.array(leg), entered: v.array(v.string()) })

export type StoredCalls = v.InferOutput<typeof storedCalls>

const key = 'calls'

/** What the next worker has to know of the calls of this one, should it die: what may ring, what was pressed, what was entered. */
export const toStored = ({ legs, entered }: CallsState): StoredCalls => ({
  legs: legs
    .filter(({ test, end }) => !test && !end)
    .map(({ id, from, contact, at, firstRungAt, rungAt, waitsFor, press }) => ({
      id,
      from,
      ...(contact !== undefined && { contact }),
      at,
      firstRungAt,
      rungAt,
      waitsFor,
      press: press && {
        button: press.button,
        ...(press.reply !== undefined && { reply: press.reply }),
        at: press.at,
      },
    })),
  entered: [...entered],
})

export interface CallStore {
  readonly write: (calls: StoredCalls) => void
  /** Calls back once what was written last is kept, or the storage refuses to, or takes too long. */
  readonly whenWritten: (todo: () => void) => void
  /** Reads what an earlier worker kept. Rejects when the storage cannot be read. */
  readonly read: () => Promise<StoredCalls>
}

/** A storage that takes longer than this to keep something is not waited for, in milliseconds. */
const keptWithin = 1_000

/** In `storage.session`: no call outlives the browser. */
export function createCallStore(): CallStore {
  const { session } = browser.storage
  const { write, whenSettled } = createLatestWriter((calls: StoredCalls) => session.set({ [key]: calls }))
  return {
    write,
    whenWritten: (todo) => {
      withTimeout(new Promise<void>(whenSettled), keptWithin).then(todo, todo)
    },
    read: async () => {
      const { [key]: found } = await session.get(key)
      return v.parse(v.fallback(storedCalls, { legs: [], entered: [] }), found)
    },
  }
}

/**
 * What an earlier worker kept, as this one takes it up at `now`. None of it is on a connection of this worker.
 */
export function restoredFrom(
  { legs, entered }: StoredCalls,
  now: Instant,
): Extract<IncomingCallEvent, { type: 'restored' }> {
  const pressed = (press: StoredCalls['legs'][number]['press']): Press | null => {
    const at = press && rebased(press.at, now)
    return press && at && { ...press, at, sentOn: null, since: at, late: false }
  }
  return {
    type: 'restored',
    legs: legs.map(({ firstRungAt, rungAt, press, ...call }) => ({
      ...call,
      test: false,
      connection: null,
      firstRungAt: firstRungAt && rebased(firstRungAt, now),
      rungAgain: false,
      rungAt: rebased(rungAt, now),
      shown: false,
      owesRings: false,
      press: pressed(press),
      end: null,
    })),
    entered,
  }
}
