import * as v from 'valibot'
import type { ServerAnswer } from '../../../messages/commands.ts'
import { protocolVersion } from '../../../protocol/connection.ts'
import { health, type SignInOffers } from '../../../protocol/http.ts'
import { readAnswer } from './read-answer.ts'

/** What an address answers when asked whether it is a Reachable server that speaks this extension's language. */
type Answer = Exclude<ServerAnswer, 'no-network'>

export interface ServerLook<A = Answer> {
  readonly answer: A
  /** What the server offers whoever is not signed in; null when no Reachable server said so. */
  readonly offers: SignInOffers | null
  /** Something answered, and what it said could not be read. */
  readonly unread?: true
}

const answerWithin = 6_000

const fetchHealth = (server: string, mode: RequestMode) =>
  fetch(`${server}/health`, {
    mode,
    credentials: 'omit',
    cache: 'no-store',
    redirect: mode === 'cors' ? 'error' : 'follow',
    signal: AbortSignal.timeout(answerWithin),
  })

const silent: ServerLook = { answer: 'server-silent', offers: null }
const stranger: ServerLook = { answer: 'not-a-reachable-server', offers: null }

async function ask(server: string): Promise<ServerLook> {
  const first = await read(server)
  if (first !== null) return first
  // A server of another kind has no CORS header for us, and fails just like none at all; asked blindly, only the former
  // answers. One of Reachable's that does not know this extension lets it read the refusal.
  const answers = await fetchHealth(server, 'no-cors').then(
    () => true,
    () => false,
  )
  if (!answers) return silent
  // The first question may have been lost on the way: of a server that answers by now it is asked again.
  return (await read(server)) ?? { ...stranger, unread: true }
}

/** What can be read of a server's answer; null where none came that this extension may read. */
async function read(server: string): Promise<ServerLook | null> {
  let response: Response
  try {
    response = await fetchHealth(server, 'cors')
  } catch (error) {
    return error instanceof DOMException && error.name === 'TimeoutError' ? silent : null
  }
  const answer = await readAnswer(response)
  const parsed = v.safeParse(health, answer)
  if (!parsed.success) return answer === undefined || response.status >= 500 ? silent : stranger
  const { protocols, signIn } = parsed.output
  return { answer: protocols.includes(protocolVersion) ? 'fine' : 'outdated', offers: signIn }
}

/** What a server says of itself (`GET /health`), or why it says nothing. */
export async function lookAtServer(server: string): Promise<ServerLook<ServerAnswer>> {
  const look = await ask(server)
  // The browser's word alone is not believed, but it explains a silence.
  const offline = look.answer === 'server-silent' && navigator.onLine === false
  return offline ? { ...look, answer: 'no-network' } : look
}

/** @param server an origin, such as `https://reachable.example`. */
export const checkServer = async (server: string): Promise<ServerAnswer> =>
  (await lookAtServer(server)).answer

/**
 * Why no connection to `server` comes about; null when the server answers as it should.
 *
 * @param begunThere whether the session was begun at this address: then it is the right one, and what answers there and
 *   cannot be read is a proxy before a server that is down.
 */
export async function diagnose(
  server: string,
  { begunThere = false } = {},
): Promise<Exclude<ServerAnswer, 'fine'> | null> {
  const { answer, unread } = await lookAtServer(server)
  if (unread && begunThere) return 'server-silent'
  return answer === 'fine' ? null : answer
}
