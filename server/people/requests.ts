import type { PeopleRequest } from '../../protocol/people.ts'
import type { Clock } from '../clock.ts'
import { type BucketSize, createBuckets } from '../leaky-bucket.ts'
import type { Log } from '../log.ts'
import { type Asker, type Handled, type PeopleHandlers, refused } from './people-requests.ts'

type What = PeopleRequest['what']

/** How often a person may ask for what, at one server. What is refused costs nothing but an answer. */
const sizes = {
  look: { atOnce: 60, perSecond: 2 },
  change: { atOnce: 120, perSecond: 4 },
  write: { atOnce: 240, perSecond: 4 },
  ask: { atOnce: 20, perSecond: 1 / 3 },
  place: { atOnce: 20, perSecond: 1 / 3 },
} as const satisfies Record<string, BucketSize>

interface Way {
  readonly size: keyof typeof sizes
  /** What one device asks for in turn is done in that order; the others go beside it, since they may take long. */
  readonly inOrder: boolean
}

const ways: Readonly<Record<What, Way>> = {
  'set-status': { size: 'change', inOrder: true },
  'ask-contact': { size: 'ask', inOrder: true },
  'answer-contact': { size: 'change', inOrder: true },
  'change-contact': { size: 'change', inOrder: true },
  'place-call': { size: 'place', inOrder: false },
  'cancel-call': { size: 'change', inOrder: false },
  send: { size: 'write', inOrder: true },
  read: { size: 'write', inOrder: true },
  history: { size: 'look', inOrder: false },
  calls: { size: 'look', inOrder: false },
  'expect-call': { size: 'change', inOrder: true },
  'cancel-expected': { size: 'change', inOrder: true },
}

export interface RequestsDependencies {
  readonly clock: Clock
  readonly log: Log
  readonly handlers: Partial<PeopleHandlers>
}

/** Does what devices ask for, each thing by the part that knows it. Never rejects. */
export type Requests = (asker: Asker, request: PeopleRequest) => Promise<Handled>

export function createRequests({ clock, log, handlers }: RequestsDependencies): Requests {
  const buckets = new Map(Object.entries(sizes).map(([size, of]) => [size, createBuckets(of)] as const))
  /** By connection: what it asked for last of what is done in order. */
  const lines = new Map<string, Promise<unknown>>()

  const act = async (asker: Asker, request: PeopleRequest): Promise<Handled> => {
    try {
      // Each handler takes its own kind of request, and no other comes to it.
      const handle = handlers[request.what] as
        | ((asker: Asker, request: PeopleRequest) => Promise<Handled>)
        | undefined
      if (!handle) return refused('bad-request', 'This server does not do that.')
      return await handle(asker, request)
    } catch (err) {
      log.error({ err, what: request.what, user: asker.userId }, 'what a device asked for was not done')
      return refused('unavailable', 'The server cannot do that now. Try again in a moment.')
    }
  }

  return async (asker, request) => {
    const { size, inOrder } = ways[request.what]
    const wait = buckets.get(size)?.pour(asker.userId, clock.monotonic()) ?? 0
    if (wait > 0)
      return refused(
        'too-many-attempts',
        'That was asked too often. Wait a moment, and try again.',
        Math.ceil(wait / 1_000),
      )
    if (!inOrder) return act(asker, request)
    const { connection } = asker
    const before = lines.get(connection)
    const task = before ? before.then(() => act(asker, request)) : act(asker, request)
    lines.set(connection, task)
    const handled = await task
    if (lines.get(connection) === task) lines.delete(connection)
    return handled
  }
}
