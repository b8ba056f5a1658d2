import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as v from 'valibot'
import { onTestFinished } from 'vitest'
import { type WebhookPayload, webhookPayload } from '../../../protocol/programs.ts'

/** One request as a receiver got it. */
export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly payload: WebhookPayload
}

/** How a receiver answers: with a status and headers, or never. */
export type Answer = { readonly status: number; readonly headers?: Record<string, string> } | 'never'

export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
  /** From now on it answers so. */
  answer(how: Answer): void
}

/** A real web server that takes webhooks on this machine; it ends with the test. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  let how: Answer = { status: 204 }
  const reply = (response: ServerResponse) => {
    if (how !== 'never') response.writeHead(how.status, how.headers).end()
  }
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (part: string) => {
      body += part
    })
    request.on('error', () => {})
    request.on('end', () => {
      const payload = v.parse(webhookPayload, JSON.parse(body))
      received.push({ path: request.url ?? '', headers: request.headers, body, payload })
      reply(response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answer(next) {
      how = next
    },
  }
}
