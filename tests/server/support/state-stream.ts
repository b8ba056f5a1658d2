import * as v from 'valibot'
import { onTestFinished } from 'vitest'
import { type Call, call } from '../../../protocol/http.ts'
import type { TestServer } from './in-process-server.ts'

export interface StateStream {
  /** The next state of the call; undefined once the server has ended the stream. */
  next(): Promise<Call | undefined>
}

/** Follows a call by its server-sent events. */
export async function followCall(
  { url, operatorKey }: Pick<TestServer, 'url' | 'operatorKey'>,
  id: string,
): Promise<StateStream> {
  const giveUp = new AbortController()
  onTestFinished(() => giveUp.abort())
  const response = await fetch(`${url}/api/calls/${id}/events`, {
    headers: { authorization: `Bearer ${operatorKey}` },
    signal: giveUp.signal,
  })
  if (!response.body) throw new Error('no stream came')
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    async next() {
      for (;;) {
        const [event, ...rest] = text.split('\n\n')
        if (rest.length > 0) {
          text = rest.join('\n\n')
          if (event?.startsWith('data: ')) return v.parse(call, JSON.parse(event.slice('data: '.length)))
          continue
        }
        const { done, value } = await reader.read()
        if (done) return undefined
        text += value
      }
    },
  }
}
