import type { DeviceMessage, ServerMessage } from '../../../protocol/connection.ts'
import type { AccountChange } from '../../../protocol/people.ts'
import { backoffSpan } from '../backoff.ts'
import { createSerialQueue } from '../serial-queue.ts'
import type { After } from '../timer.ts'
import type { AccountStore, Applied } from './account-store.ts'

export type AccountFrame = Extract<ServerMessage, { type: 'events' | 'reset' }>

export interface AccountSync {
  /** A connection was welcomed: it is told of nothing until it has said how far this device is. */
  readonly welcomed: (connection: number) => void
  readonly heard: (connection: number, frame: AccountFrame) => void
  /** Says and applies nothing any more. */
  readonly stop: () => void
}

interface Dependencies {
  readonly store: AccountStore
  /** The event that this device has last, once that is read. */
  readonly loaded: Promise<number | null>
  readonly send: (connection: number, message: DeviceMessage) => void
  readonly after: After
  /** Whether the browser could keep what it was to keep. */
  readonly kept: (isKept: boolean) => void
  /** What is kept now. `anew`: it is all that there is. */
  readonly applied: (applied: Applied, anew: boolean) => void
  /** The server has told for the first time what this device had not heard. */
  readonly caughtUp: () => void
}

/**
 * Keeps what the server says of the account, each event once and in its order, on however many connections it is said:
 * during a move there are two. What cannot be kept is asked for again.
 */
export function createAccountSync(dependencies: Dependencies): AccountSync {
  const { store, loaded, send, after, kept, applied } = dependencies
  let isBehind = true
  let cursor: number | null = null
  const inTurn = createSerialQueue()
  let stopped = false
  let newest: number | null = null
  let failures = 0
  let cancel: (() => void) | null = null
  /** By connection, what was said of a reset that has not ended. */
  const resets = new Map<number, AccountChange[]>()
  /** By connection, what this device had when it asked there last. */
  const asked = new Map<number, number | null>()

  const enqueue = (todo: () => Promise<void>): void => {
    // What fails in spite of everything is to end nothing but itself.
    inTurn(async () => {
      if (!stopped) await todo()
    }).catch((error: unknown) => console.error(error))
  }
  enqueue(async () => {
    cursor = await loaded
  })

  function sync(connection: number): void {
    if (stopped) return
    asked.set(connection, cursor)
    send(connection, { type: 'sync', after: cursor })
  }

  /** Frames that are under way are of no use either: all of them come again. */
  function syncAgain(): void {
    if (cancel) return
    cancel = after(backoffSpan(failures), () => {
      cancel = null
      if (newest !== null) sync(newest)
    })
    failures += 1
  }

  async function keep(work: () => Promise<Applied>, anew: boolean): Promise<void> {
    const done = await work().catch(() => null)
    if (stopped) return
    kept(done !== null)
    if (done) cursor = done.cursor
    if (!done || done.gap) return syncAgain()
    failures = 0
    applied(done, anew)
  }

  async function takeReset(
    connection: number,
    frame: Extract<AccountFrame, { type: 'reset' }>,
  ): Promise<void> {
    if (frame.first) resets.set(connection, [])
    const items = resets.get(connection)
    // Its beginning was never heard, or another part was.
    if (!items) return
    items.push(...frame.items)
    if (!frame.last) return
    resets.delete(connection)
    // Another connection has brought newer things meanwhile: this is how it was before them.
    if (cursor !== null && cursor > frame.until && cursor !== asked.get(connection)) return
    await keep(() => store.reset(items, frame.until), true)
  }

  return {
    welcomed: (connection) => {
      newest = connection
      enqueue(async () => {
        // Beside it stands one other at most: of those before nothing more comes.
        const [oldest] = resets.keys()
        if (oldest !== undefined && resets.size > 1) resets.delete(oldest)
        for (const before of asked.keys()) if (asked.size > 1) asked.delete(before)
        sync(connection)
      })
    },
    heard: (connection, frame) =>
      enqueue(async () => {
        if (frame.type === 'reset') await takeReset(connection, frame)
        else if (frame.events.length > 0) await keep(() => store.applyEvents(frame.events, cursor), false)
        if (!isBehind || resets.size > 0) return
        isBehind = false
        dependencies.caughtUp()
      }),
    stop: () => {
      stopped = true
      cancel?.()
    },
  }
}
