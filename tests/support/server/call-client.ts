import * as v from 'valibot'
import { type Call, call } from '../../../protocol/http.ts'
import { runCommandOrThrow } from './run-command.ts'
import type { Server } from './start-server.ts'

/** The clinic's own system as far as it places calls: with an API key, by HTTP. */
export interface CallClient {
  /** As Dr Bell, unless somebody else is named. */
  readonly call: (to: string, from?: string) => Promise<Call>
  readonly get: (id: string) => Promise<Call>
  readonly cancel: (id: string) => Promise<Call>
}

export async function openCallClient(server: Server): Promise<CallClient> {
  const printed = await runCommandOrThrow(server.dataDir, 'api-key', 'create', 'clinic')
  const key = printed.match(/\S{24,}/)?.[0] ?? ''

  async function ask(method: string, path: string, body?: object): Promise<Call> {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return v.parse(call, await response.json())
  }

  return {
    call: (to, from = 'Dr Bell') => ask('POST', '/api/calls', { to, from }),
    get: (id) => ask('GET', `/api/calls/${id}`),
    cancel: (id) => ask('POST', `/api/calls/${id}/cancel`),
  }
}
