import { setTimeout as delay } from 'node:timers/promises'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import * as v from 'valibot'
import { type Call, call } from '../../protocol/http.ts'
import type { RunningServer } from '../operator-file.ts'

export interface FollowTimes {
  /** The server sends something every 15 s, if only a comment. Milliseconds. */
  readonly silentAfter: number
  /** A server that was restarted is there again after this. Milliseconds. */
  readonly againAfter: number
}

/**
 * Shows each state of a call as it comes. When the stream breaks or falls silent, it is opened once more.
 *
 * @param running how the server that runs is reached; one that was restarted has another key.
 * @returns the last state; undefined when what became of the call could not be learned.
 */
export async function followCall(
  running: () => RunningServer | undefined,
  id: string,
  show: (now: Call) => void,
  { silentAfter, againAfter }: FollowTimes = { silentAfter: 20_000, againAfter: 2_000 },
): Promise<Call | undefined> {
  let shown = ''
  for (const wait of [0, againAfter]) {
    await delay(wait)
    const server = running()
    if (!server) return undefined
    for await (const data of eventsOf(server, id, silentAfter)) {
      // A stream that was opened again begins with what may be known already.
      if (data === shown) continue
      shown = data
      const now = v.parse(call, JSON.parse(data))
      show(now)
      if (now.endedAt !== null) return now
    }
  }
  return undefined
}

/** What is told of a call, until the stream ends, breaks, or is silent for so many ms. */
async function* eventsOf(
  { url, key }: RunningServer,
  id: string,
  silentAfter: number,
): AsyncGenerator<string> {
  const silent = new AbortController()
  const timer = setTimeout(() => silent.abort(), silentAfter)
  try {
    const { body } = await fetch(`${url}/api/calls/${id}/events`, {
      headers: { authorization: `Bearer ${key}` },
      signal: silent.signal,
    })
    const parser = new EventSourceParserStream({ onComment: () => void timer.refresh() })
    for await (const { data } of body?.pipeThrough(new TextDecoderStream()).pipeThrough(parser) ?? []) {
      timer.refresh()
      yield data
    }
  } catch (cause) {
    // What `fetch` rejects with when there is no server, the connection breaks, or it was given up.
    if (!(cause instanceof TypeError) && !silent.signal.aborted) throw cause
  } finally {
    clearTimeout(timer)
  }
}
