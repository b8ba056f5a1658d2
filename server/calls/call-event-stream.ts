import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import type { CallRow } from '../database/call-tables.ts'
import type { Context } from '../http/route.ts'
import type { Log } from '../log.ts'
import { isOver } from './active-call-reducer.ts'

/** A comment this often, in ms, keeps proxies from thinking the stream dead. */
const commentEvery = 15_000

export interface CallEventStreamDependencies {
  readonly log: Log
  /** Hears of each change of the call. @returns what ends it. */
  readonly onChange: (listener: () => void) => () => void
  readonly read: () => Promise<CallRow | undefined>
  readonly show: (row: CallRow) => string
  readonly stopping: AbortSignal
}

/** The states of a call as server-sent events: the present one, then each change, until the last. */
export const callEventStream = (
  context: Context,
  id: string,
  dependencies: CallEventStreamDependencies,
): Response =>
  streamSSE(context, (stream) =>
    // What was begun as a stream can be refused no more, and Hono would tell the console.
    sendStates(stream, dependencies).catch((err) =>
      dependencies.log.error({ err, call: id }, 'the events of a call end before it does'),
    ),
  )

async function sendStates(
  stream: SSEStreamingApi,
  { onChange, read, show, stopping }: CallEventStreamDependencies,
): Promise<void> {
  let changed = true
  let wake = () => {}
  const note = () => {
    changed = true
    wake()
  }
  // Subscribed before the first reading, so that no change falls between.
  const unsubscribe = onChange(note)
  const stop = () => wake()
  stream.onAbort(stop)
  stopping.addEventListener('abort', stop)
  try {
    let sent = ''
    while (!stream.aborted && !stream.closed) {
      if (changed) {
        changed = false
        const row = await read()
        if (!row) return
        const data = show(row)
        if (data !== sent) await stream.writeSSE({ data })
        sent = data
        if (isOver(row)) return
      }
      if (stopping.aborted) return
      if (!changed && !(await woken((waker) => (wake = waker)))) await stream.write(': still here\n\n')
    }
  } finally {
    unsubscribe()
    stopping.removeEventListener('abort', stop)
  }
}

/** @returns whether it was woken; false when the time for a comment came first. */
const woken = (give: (wake: () => void) => void): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), commentEvery)
    give(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
