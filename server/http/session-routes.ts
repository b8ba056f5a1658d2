import { codeSignInRequest, endSessionRequest, signInRequest } from '../../protocol/http.ts'
import { audit } from '../accounts/audit.ts'
import { isGoodCode, signInByCode } from '../accounts/code-sign-in.ts'
import type { DeviceNotifier } from '../accounts/device-notifier.ts'
import { hashOf } from '../accounts/secrets.ts'
import { endSession, isEndToken } from '../accounts/sessions.ts'
import { type SignInDependencies, type SignInOutcome, signIn } from '../accounts/sign-in.ts'
import type { ClientOf } from './client-address.ts'
import { readBody } from './json-body.ts'
import { Refused } from './refused.ts'
import type { Context, Route } from './route.ts'

export interface SessionDependencies extends SignInDependencies {
  readonly notify: DeviceNotifier
  readonly clientOf: ClientOf
}

/** Signing in, and ending a session by the token that can do nothing else. */
export function sessionRoutes(dependencies: SessionDependencies): Route[] {
  const { notify, db, clock, clientOf } = dependencies

  const answer = (context: Context, outcome: SignInOutcome, messages: { wrong: string; tooMany: string }) => {
    switch (outcome.kind) {
      case 'signed-in':
        // The session that this device had before is over, and so is its connection.
        notify.sessionsEnded(outcome.session.account.id)
        return context.json(outcome.session)
      case 'wrong-credentials':
        throw new Refused('wrong-credentials', messages.wrong)
      case 'too-many-attempts':
        throw Refused.tooMany(messages.tooMany, outcome.wait)
    }
  }

  return [
    {
      method: 'POST',
      path: '/api/session',
      admits: 'device',
      async handle(context) {
        const ask = await readBody(context, signInRequest)
        const from = clientOf(context.env.incoming)
        const outcome = await signIn(dependencies, { ...ask, from, jkt: context.get('jkt') })
        return answer(context, outcome, {
          wrong: 'This username and password do not belong together.',
          tooMany: 'Too many wrong passwords.',
        })
      },
    },
    {
      method: 'POST',
      path: '/api/session/code',
      admits: 'device',
      async credential(context) {
        const ask = await readBody(context, codeSignInRequest)
        return (await isGoodCode(db, ask, clock.wall())) ? hashOf(ask.code) : undefined
      },
      async handle(context) {
        const ask = await readBody(context, codeSignInRequest)
        const from = clientOf(context.env.incoming)
        const outcome = await signInByCode(dependencies, { ...ask, from, jkt: context.get('jkt') })
        return answer(context, outcome, {
          wrong: 'This sign-in took too long, or was used already. Please sign in again.',
          tooMany: 'Too many sign-ins that are none.',
        })
      },
    },
    {
      method: 'POST',
      path: '/api/session/end',
      admits: 'device',
      async credential(context) {
        const { endToken } = await readBody(context, endSessionRequest)
        return (await isEndToken(db, endToken)) ? hashOf(endToken) : undefined
      },
      async handle(context) {
        const { endToken } = await readBody(context, endSessionRequest)
        const from = clientOf(context.env.incoming)
        const ended = await db.transaction().execute(async (transaction) => {
          const session = await endSession(transaction, endToken)
          if (!session) return undefined
          const { userId: who, device, jkt } = session
          // A device that lost its key may still log out; that it was another key is worth knowing.
          const detail = { sameKey: jkt === context.get('jkt') }
          await audit(transaction, { at: clock.wall(), what: 'signed-out', who, from, device, detail })
          return session
        })
        if (ended) notify.sessionsEnded(ended.userId)
        return context.body(null, 204)
      },
    },
  ]
}
