import { codeSignInRequest, endSessionRequest, signInRequest } from '../../protocol/http.ts'
import { audit, type Origin } from '../accounts/audit.ts'
import { signInByCode } from '../accounts/code-sign-in.ts'
import { endSession } from '../accounts/sessions.ts'
import { type SignInContext, type SignInOutcome, signIn } from '../accounts/sign-in.ts'
import type { Bus } from '../bus/bus.ts'
import { personSubject } from '../bus/person-message.ts'
import { readBody } from './body.ts'
import { Refused } from './refused.ts'
import type { Request, Route } from './route.ts'

export interface SessionParts extends SignInContext {
  readonly bus: Bus
  readonly originOf: (incoming: Request['env']['incoming']) => Origin
}

/** Signing in, and ending a session by the token that can do nothing else. */
export function sessionRoutes(parts: SessionParts): Route[] {
  const { bus, db, clock, originOf } = parts

  const answer = (request: Request, outcome: SignInOutcome, words: { wrong: string; tooMany: string }) => {
    switch (outcome.kind) {
      case 'signed-in':
        // The session that this device had before is over, and so is its connection.
        bus.publish(personSubject(outcome.session.account.id), { kind: 'recheck' })
        return request.json(outcome.session)
      case 'wrong-credentials':
        throw new Refused('wrong-credentials', words.wrong)
      case 'too-many-attempts': {
        const { retryAfter } = outcome
        throw new Refused('too-many-attempts', `${words.tooMany} Try again in ${retryAfter} s.`, retryAfter)
      }
    }
  }

  return [
    {
      method: 'POST',
      path: '/api/session',
      admits: 'device',
      async handle(request) {
        const ask = await readBody(request, signInRequest)
        const from = originOf(request.env.incoming)
        const outcome = await signIn(parts, { ...ask, from, key: request.get('key') })
        return answer(request, outcome, {
          wrong: 'This username and password do not belong together.',
          tooMany: 'Too many wrong passwords.',
        })
      },
    },
    {
      method: 'POST',
      path: '/api/session/code',
      admits: 'device',
      async handle(request) {
        const ask = await readBody(request, codeSignInRequest)
        const from = originOf(request.env.incoming)
        const outcome = await signInByCode(parts, { ...ask, from, key: request.get('key') })
        return answer(request, outcome, {
          wrong: 'This sign-in took too long, or was used already. Please sign in again.',
          tooMany: 'Too many sign-ins that are none.',
        })
      },
    },
    {
      method: 'POST',
      path: '/api/session/end',
      admits: 'device',
      async handle(request) {
        const { endToken } = await readBody(request, endSessionRequest)
        const from = originOf(request.env.incoming)
        const ended = await db.transaction().execute(async (transaction) => {
          const session = await endSession(transaction, endToken)
          if (!session) return undefined
          const { userId: who, device, key } = session
          // A device that lost its key may still log out; that it was another key is worth knowing.
          const detail = { sameKey: key === request.get('key') }
          await audit(transaction, { at: clock.wall(), what: 'signed-out', who, from, device, detail })
          return session
        })
        if (ended) bus.publish(personSubject(ended.userId), { kind: 'recheck' })
        return request.body(null, 204)
      },
    },
  ]
}
