import * as v from 'valibot'
import type { LogInReply } from '../../../messages/commands.ts'
import { refusal, type SignInRequest, signInResponse } from '../../../protocol/http.ts'
import { diagnose } from '../line/diagnose.ts'
import type { HeldSession } from './held-session.ts'

type Refused = Extract<LogInReply, { ok: false }>
export type SignedIn = { readonly ok: true; readonly session: HeldSession } | Refused

const answerWithin = 20_000

/**
 * Asks the server for a session (`POST /api/session`). Waits longer than usual, since the server answers
 * a wrong password slowly on purpose.
 */
export async function signIn(server: string, request: SignInRequest): Promise<SignedIn> {
  let response: Response
  try {
    response = await fetch(`${server}/api/session`, {
      method: 'POST',
      credentials: 'omit',
      redirect: 'error',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(answerWithin),
    })
  } catch {
    return { ok: false, why: asRefusal(await diagnose(server)) }
  }
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) return refused(server, body)
  const granted = v.safeParse(signInResponse, body)
  if (!granted.success) return { ok: false, why: 'not-a-reachable-server' }
  const { token, endToken, account } = granted.output
  const { name, username, email } = account
  return {
    ok: true,
    session: {
      server,
      token,
      endToken,
      staySignedIn: request.staySignedIn,
      account: { name, username, email },
    },
  }
}

async function refused(server: string, body: unknown): Promise<Refused> {
  const parsed = v.safeParse(refusal, body)
  if (!parsed.success) return { ok: false, why: asRefusal(await diagnose(server)) }
  const { error, retryAfter } = parsed.output
  switch (error) {
    case 'wrong-credentials':
    case 'bad-request':
      return { ok: false, why: 'wrong-credentials' }
    case 'too-many-attempts':
      return { ok: false, why: 'too-many-attempts', ...(retryAfter === undefined ? {} : { retryAfter }) }
    default:
      return { ok: false, why: 'server-fault' }
  }
}

function asRefusal(fault: Awaited<ReturnType<typeof diagnose>>): Refused['why'] {
  switch (fault) {
    case null:
      return 'server-fault'
    case 'line-taken':
    case 'server-cannot-keep-calls':
      return 'server-fault'
    default:
      return fault
  }
}
