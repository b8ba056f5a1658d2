import { endSessionRequest, signInRequest } from '../../protocol/http.ts'
import { endSession } from '../accounts/sessions.ts'
import { type SignInContext, signIn } from '../accounts/sign-in.ts'
import type { Bus } from '../bus/bus.ts'
import { personSubject } from '../bus/person-message.ts'
import { readBody } from './body.ts'
import { Refused } from './refused.ts'
import type { Request, Route } from './route.ts'

export interface SessionParts extends SignInContext {
  readonly bus: Bus
  readonly addressOf: (request: Request) => string
}

/** Signing in, and ending a session by the token that can do nothing else. */
export const sessionRoutes = (parts: SessionParts): Route[] => [
  {
    method: 'POST',
    path: '/api/session',
    admits: 'extension',
    async handle(request) {
      const ask = await readBody(request, signInRequest)
      const label = request.req.header('user-agent') ?? ''
      const outcome = await signIn(parts, { ...ask, label, address: parts.addressOf(request) })
      switch (outcome.kind) {
        case 'signed-in':
          // The session that this device had before is over, and so is its line.
          parts.bus.publish(personSubject(outcome.session.account.id), { kind: 'recheck' })
          return request.json(outcome.session)
        case 'wrong-credentials':
          throw new Refused('wrong-credentials', 'This username and password do not belong together.')
        case 'too-many-attempts':
          throw new Refused(
            'too-many-attempts',
            `Too many wrong passwords. Try again in ${outcome.retryAfter} s.`,
            outcome.retryAfter,
          )
      }
    },
  },
  {
    method: 'POST',
    path: '/api/session/end',
    admits: 'extension',
    async handle(request) {
      const { endToken } = await readBody(request, endSessionRequest)
      const userId = await endSession(parts.db, endToken)
      if (userId !== undefined) parts.bus.publish(personSubject(userId), { kind: 'recheck' })
      return request.body(null, 204)
    },
  },
]
