import * as v from 'valibot'
import type { LogInRefusal } from '../../../messages/commands.ts'
import { type CodeSignInRequest, type SignInRequest, signInResponse } from '../../../protocol/http.ts'
import { shownAccount } from '../shown-names.ts'
import { askServer } from './ask-server.ts'
import { deviceKey } from './device-identity.ts'
import { readAnswer } from './read-answer.ts'
import { diagnose } from './server-health.ts'
import type { StoredSession } from './session-storage.ts'

export type SignInResult =
  | { readonly ok: true; readonly session: StoredSession }
  | ({ readonly ok: false } & LogInRefusal)

/** Longer than usual, since the server answers a wrong password slowly on purpose; milliseconds. */
const within = 20_000

/** Asks the server for a session by username and password. */
export const signIn = (server: string, request: SignInRequest): Promise<SignInResult> =>
  askForSession(server, '/api/session', request)

/** Asks the server for a session by the one-time code that ended a sign-in at the issuer. */
export const signInByCode = (server: string, request: CodeSignInRequest): Promise<SignInResult> =>
  askForSession(server, '/api/session/code', request)

/** A session as it can be kept and sent: its tokens go into headers and messages. */
const token = v.pipe(v.string(), v.regex(/^[!-~]{1,512}$/))
const grant = v.object({ ...signInResponse.entries, token, endToken: token })

async function askForSession(
  server: string,
  path: string,
  request: SignInRequest | CodeSignInRequest,
): Promise<SignInResult> {
  try {
    await deviceKey()
  } catch {
    return { ok: false, why: 'storage' }
  }
  const response = await askServer({ server, path, body: request, within }).catch(() => null)
  if (response === null) return { ok: false, why: (await diagnose(server)) ?? 'server-fault' }
  const body = await readAnswer(response)
  if (body === undefined) return { ok: false, why: (await diagnose(server)) ?? 'server-fault' }
  if (!response.ok) return { ok: false, ...(await refused(server, body)) }
  const granted = v.safeParse(grant, body)
  if (!granted.success) return { ok: false, why: 'not-a-reachable-server' }
  const { account, ...tokens } = granted.output
  const { staySignedIn } = request
  return { ok: true, session: { server, ...tokens, staySignedIn, account: shownAccount(account) } }
}

/**
 * When a wait of so many seconds is over, in ms since 1970. It is one that can be told to people: a server of ours asks
 * for some minutes at most.
 */
export const untilAfter = (seconds: number): number =>
  Date.now() + Math.min(Math.max(1, seconds), 86_400) * 1_000

/** A refusal as far as it is looked at: of most errors whoever logs in is told no more than that it failed. */
const refusal = v.object({ error: v.string(), retryAfter: v.optional(v.number()) })

async function refused(server: string, body: unknown): Promise<LogInRefusal> {
  const parsed = v.safeParse(refusal, body)
  const { error, retryAfter } = parsed.success ? parsed.output : {}
  switch (error) {
    case 'wrong-credentials':
    case 'bad-request':
      return { why: 'wrong-credentials' }
    case 'wrong-address':
      return { why: 'wrong-address' }
    case 'too-many-attempts':
      return { why: 'too-many-attempts', ...(retryAfter !== undefined && { until: untilAfter(retryAfter) }) }
    default:
      return { why: (await diagnose(server)) ?? 'server-fault' }
  }
}
