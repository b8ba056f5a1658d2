import * as v from 'valibot'
import { protocolVersion } from '../../../protocol/connection.ts'
import { type Health, health } from '../../../protocol/http.ts'

export type ServerLook = 'fine' | 'silent' | 'not-reachable-server' | 'outdated'

const answerWithin = 6_000

const question = (server: string, mode: RequestMode) =>
  fetch(`${server}/health`, {
    mode,
    credentials: 'omit',
    cache: 'no-store',
    redirect: mode === 'cors' ? 'error' : 'follow',
    signal: AbortSignal.timeout(answerWithin),
  })

/** What a server says of itself (`GET /health`), or null when no Reachable server answers there. */
export async function readHealth(server: string): Promise<Health | null> {
  const response = await question(server, 'cors').catch(() => null)
  const parsed = v.safeParse(health, await response?.json().catch(() => null))
  return parsed.success ? parsed.output : null
}

/**
 * Asks an address whether it is a Reachable server that speaks this extension's language.
 *
 * @param server an origin, such as `https://reachable.example`.
 */
export async function lookAtServer(server: string): Promise<ServerLook> {
  let response: Response
  try {
    response = await question(server, 'cors')
  } catch {
    // A server without our CORS header fails just like none at all; asked blindly, only the former answers.
    return await question(server, 'no-cors').then(
      () => 'not-reachable-server' as const,
      () => 'silent' as const,
    )
  }
  const body: unknown = await response.json().catch(() => null)
  const parsed = v.safeParse(health, body)
  if (!parsed.success) return response.status >= 500 ? 'silent' : 'not-reachable-server'
  return parsed.output.protocols.includes(protocolVersion) ? 'fine' : 'outdated'
}
