import * as v from 'valibot'
import type { UnreachableReason } from '../../../messages/state.ts'
import { protocolVersion } from '../../../protocol/connection.ts'
import { type Health, health } from '../../../protocol/http.ts'
import { readAnswer } from './read-answer.ts'

/** What an address answers when asked whether it is a Reachable server that speaks this extension's language. */
export type ServerAnswer =
  | 'fine'
  | Extract<UnreachableReason, 'server-silent' | 'not-a-reachable-server' | 'outdated'>

const answerWithin = 6_000

const fetchHealth = (server: string, mode: RequestMode) =>
  fetch(`${server}/health`, {
    mode,
    credentials: 'omit',
    cache: 'no-store',
    redirect: mode === 'cors' ? 'error' : 'follow',
    signal: AbortSignal.timeout(answerWithin),
  })

/** What a server says of itself (`GET /health`), or null when no Reachable server answers there. */
export async function readHealth(server: string): Promise<Health | null> {
  const response = await fetchHealth(server, 'cors').catch(() => null)
  const parsed = v.safeParse(health, response && (await readAnswer(response)))
  return parsed.success ? parsed.output : null
}

/** @param server an origin, such as `https://reachable.example`. */
export async function checkServer(server: string): Promise<ServerAnswer> {
  let response: Response
  try {
    response = await fetchHealth(server, 'cors')
  } catch {
    // A server without our CORS header fails just like none at all; asked blindly, only the former answers.
    return await fetchHealth(server, 'no-cors').then(
      () => 'not-a-reachable-server' as const,
      () => 'server-silent' as const,
    )
  }
  const parsed = v.safeParse(health, await readAnswer(response))
  if (!parsed.success) return response.status >= 500 ? 'server-silent' : 'not-a-reachable-server'
  return parsed.output.protocols.includes(protocolVersion) ? 'fine' : 'outdated'
}

/** Why no connection to `server` comes about; null when the server answers as it should. */
export async function diagnose(server: string): Promise<Exclude<ServerAnswer, 'fine'> | 'no-network' | null> {
  const answer = await checkServer(server)
  if (answer === 'fine') return null
  // The browser's word alone is not believed, but it explains a silence.
  return answer === 'server-silent' && navigator.onLine === false ? 'no-network' : answer
}
