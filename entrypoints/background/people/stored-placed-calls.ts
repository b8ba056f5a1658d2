import * as v from 'valibot'
import { browser } from '../../../platform/browser.ts'
import { withTimeout } from '../../../platform/timeout.ts'
import { placedCall } from '../../../protocol/people.ts'
import { type Instant, rebased, storedInstant } from '../clocks.ts'
import { createLatestWriter } from '../latest-write.ts'
import { isEnd, type PlacedCall, type PlacedCalls } from './placed-call-reducer.ts'

const stored = v.object({
  key: v.string(),
  contact: v.string(),
  name: v.string(),
  pressedAt: storedInstant,
  asked: v.boolean(),
  told: v.nullable(v.object({ call: placedCall, at: storedInstant })),
  cancelled: v.boolean(),
  room: v.nullable(v.picklist(['opening', 'open', 'failed', 'unknown'])),
})
type Stored = v.InferOutput<typeof stored>

const key = 'placed'

/** A storage that takes longer than this to keep something is not waited for, in milliseconds. */
const keptWithin = 1_000

export interface PlacedCallStore {
  readonly write: (state: PlacedCalls) => void
  /** Calls back once what was written last is kept, or the storage refuses to, or takes too long. */
  readonly whenWritten: (todo: () => void) => void
  /** What an earlier worker kept, as this one takes it up at `now`. Rejects when the storage cannot be read. */
  readonly read: (now: Instant) => Promise<readonly PlacedCall[]>
}

/** In `storage.session`: no call outlives the browser. Of what ended without a word of the server's nothing is kept. */
export function createPlacedCallStore(): PlacedCallStore {
  const { session } = browser.storage
  let last = '[]'
  const { write, whenSettled } = createLatestWriter((calls: readonly Stored[]) =>
    session.set({ [key]: calls }),
  )
  return {
    write: (state) => {
      const calls = state.calls.filter(({ elsewhere, end }) => !elsewhere && !end).map(toStored)
      const text = JSON.stringify(calls)
      if (text === last) return
      last = text
      write(calls)
    },
    whenWritten: (todo) => {
      withTimeout(new Promise<void>(whenSettled), keptWithin).then(todo, todo)
    },
    read: async (now) => {
      const { [key]: found } = await session.get(key)
      return v.parse(v.fallback(v.array(stored), []), found).map((call) => fromStored(call, now))
    },
  }
}

const toStored = ({ key, contact, name, pressedAt, asking, told, cancel, room }: PlacedCall): Stored => ({
  key,
  contact,
  name,
  pressedAt,
  asked: asking !== 'no',
  told: told && { call: told.call, at: told.at },
  cancelled: cancel !== null,
  room,
})

/** Its connections were another worker's. */
function fromStored({ asked, cancelled, told, pressedAt, room, ...call }: Stored, now: Instant): PlacedCall {
  return {
    ...call,
    pressedAt: rebased(pressedAt, now),
    elsewhere: false,
    asking: asked ? 'said' : 'no',
    askedOn: null,
    late: false,
    told: told && { call: told.call, on: null, at: rebased(told.at, now) },
    cancel: cancelled ? { said: null } : null,
    end: null,
    // Whether that came about before the worker died nobody knows.
    room: room === 'opening' ? 'unknown' : room,
    endedAt: told && isEnd(told.call) ? rebased(told.at, now) : null,
  }
}
