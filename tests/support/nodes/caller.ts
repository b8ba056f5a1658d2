import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { type Call, call as callShape } from '../../../protocol/http.ts'

/** What a caller was told of one call, by whichever node, in order. */
export interface CallerRecord {
  readonly key: string
  readonly to: string
  /** `performance.now()` of the first try. */
  readonly askedAt: number
  id: string | undefined
  readonly told: Call[]
  /** Each last state that it was told, by the event stream or by an answer. */
  readonly ends: Call[]
  /** Why it gave up, if it did. */
  gaveUp: string | undefined
  /** Whether it hung up. */
  cancelled: boolean
  /** How often it asked again because nobody answered. */
  retries: number
}

export interface PlacingOptions {
  readonly from?: string
  readonly waitFor?: number
  /** Hangs up so many ms after it was told that the call is placed. */
  readonly cancelAfter?: number
  readonly key?: string
  /** Gives up placing, and following what it placed, after so many ms. */
  readonly within?: number
  /** Told once it is known what came of placing it. */
  readonly onPlaced?: () => void
}

export interface Caller {
  /** Begins a call; asked again with the same key until somebody says what became of the asking. */
  readonly place: (to: string, options?: PlacingOptions) => Promise<CallerRecord>
  /** Places and follows it by its event stream, opened anew wherever it breaks, to its end. */
  readonly call: (to: string, options?: PlacingOptions) => Promise<CallerRecord>
  readonly get: (id: string, at?: string) => Promise<Call>
  readonly cancel: (id: string, at?: string) => Promise<Response>
  readonly follow: (record: CallerRecord, options?: PlacingOptions) => Promise<void>
}

const final = new Set(['answered', 'declined', 'cancelled', 'missed'])
export const isFinal = ({ state }: Pick<Call, 'state'>): boolean => final.has(state)

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** ms. Whoever asks again and again asks less and less often, so that a service that has too much to do gets less. */
const beforeTry = (tries: number) => (0.5 + Math.random()) * Math.min(200 * 2 ** tries, 3_000)

/** A clinic's own system as it should be: it takes no answer for no news, and asks again. */
export function openCaller(url: string, apiKey: string): Caller {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }

  async function place(to: string, options: PlacingOptions = {}): Promise<CallerRecord> {
    const { from = 'Dr Bell', waitFor = 0, key = randomUUID(), within = 90_000 } = options
    const record: CallerRecord = {
      ...{ key, to, askedAt: performance.now(), id: undefined, told: [], ends: [] },
      ...{ gaveUp: undefined, cancelled: false, retries: 0 },
    }
    for (;;) {
      const response = await fetch(`${url}/api/calls`, {
        method: 'POST',
        headers: { ...headers, 'idempotency-key': key },
        body: JSON.stringify({ to, from, waitFor }),
        signal: AbortSignal.timeout(8_000),
      }).catch(() => undefined)
      const body: unknown = await response?.json().catch(() => undefined)
      if (response?.ok && body !== undefined) {
        note(record, v.parse(callShape, body))
        return record
      }
      const isFault =
        response === undefined || response.status >= 500 || response.status === 429 || response.ok
      if (!isFault || performance.now() - record.askedAt > within) {
        record.gaveUp = `placing: ${response?.status} ${JSON.stringify(body)}`
        return record
      }
      await pause(beforeTry(record.retries))
      record.retries += 1
    }
  }

  function note(record: CallerRecord, told: Call): void {
    record.id ??= told.id
    record.told.push(told)
    if (isFinal(told)) record.ends.push(told)
  }

  async function readEvents(record: CallerRecord, signal: AbortSignal): Promise<void> {
    const response = await fetch(`${url}/api/calls/${record.id}/events`, { headers, signal })
    if (!response.ok || !response.body) throw new Error(`events: ${response.status}`)
    let text = ''
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines)
        if (line.startsWith('data: ')) note(record, v.parse(callShape, JSON.parse(line.slice(6))))
    }
  }

  async function follow(record: CallerRecord, { within = 180_000 }: PlacingOptions = {}): Promise<void> {
    const until = performance.now() + within
    for (let tries = 0; record.ends.length === 0; tries += 1) {
      const left = until - performance.now()
      if (left <= 0) {
        record.gaveUp = 'following: no end was told'
        return
      }
      // A node that hangs keeps the stream open and says nothing: its comments, every 15 s, would be missed.
      await readEvents(record, AbortSignal.timeout(Math.ceil(Math.min(left, 20_000)))).catch(() => {})
      if (record.ends.length === 0) await pause(beforeTry(tries))
    }
  }

  async function hangUp(record: CallerRecord): Promise<void> {
    for (let tries = 0; tries < 100 && record.id; tries += 1) {
      const response = await cancel(record.id).catch(() => undefined)
      if (response?.ok) {
        record.cancelled = true
        const told: unknown = await response.json().catch(() => undefined)
        if (told) note(record, v.parse(callShape, told))
        return
      }
      if (response && response.status < 500) return
      await pause(beforeTry(tries))
    }
  }

  const cancel = (id: string, at = url) =>
    fetch(`${at}/api/calls/${id}/cancel`, {
      method: 'POST',
      headers,
      body: '{}',
      signal: AbortSignal.timeout(8_000),
    })

  return {
    place,
    follow,
    cancel,
    async call(to, options = {}) {
      const record = await place(to, options)
      options.onPlaced?.()
      if (record.gaveUp || !record.id) return record
      const hangingUp =
        options.cancelAfter === undefined ? undefined : pause(options.cancelAfter).then(() => hangUp(record))
      await Promise.all([follow(record, options), hangingUp])
      return record
    },
    get: async (id, at = url) => {
      const response = await fetch(`${at}/api/calls/${id}`, { headers })
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
      return v.parse(callShape, await response.json())
    },
  }
}
