import * as v from 'valibot'
import { type Call, call } from '../../../protocol/http.ts'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { withDatabaseOf } from './database-of.ts'
import type { Server } from './start-server.ts'

/** The clinic's own system as far as it places calls: with an API key, by HTTP. */
export interface CallClient {
  /** As Dr Bell, unless somebody else is named. */
  readonly call: (to: string, from?: string) => Promise<Call>
  readonly get: (id: string) => Promise<Call>
  readonly cancel: (id: string) => Promise<Call>
}

export async function openCallClient(server: Server): Promise<CallClient> {
  const key = await withDatabaseOf(server, (db) => createApiKey(db, 'clinic', Date.now()))
  if (key === undefined) throw new Error('There is a key of this name already')

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
