import { personPresence } from '../../protocol/programs.ts'
import { findPersonOf } from '../accounts/people-of-key.ts'
import { bucketsOf } from '../database/shared-buckets.ts'
import { Refused } from '../http/refused.ts'
import type { Route } from '../http/route.ts'
import { textParameter } from '../http/text-parameter.ts'
import type { PresenceOfPeople } from './person-presence.ts'
import type { ProgramDependencies } from './program-dependencies.ts'

/** So much a key asks at once, and then in a second. */
const pace = { atOnce: 300, perSecond: 50 }

/** Whether people can be reached, as their contacts are shown. */
export function presenceRoutes(dependencies: ProgramDependencies, presence: PresenceOfPeople): Route[] {
  const { db } = dependencies
  const asked = bucketsOf(dependencies, 'presence-of-key', pace)
  return [
    {
      method: 'GET',
      path: '/api/people/:username/presence',
      admits: 'api-key',
      scope: 'presence',
      describes: {
        summary: 'Whether somebody can be reached now',
        about:
          'What the person’s contacts are shown, proven by the leases of their devices. It is so for validFor milliseconds from the answer: ask again before that, or say nothing of them. Who chose to be invisible is told as offline.',
        parameters: {
          username: { in: 'path', about: 'A username or an email address.', schema: textParameter },
        },
        answers: { 200: { about: 'As it is now.', schema: personPresence } },
        refuses: ['unauthorized', 'no-such-account', 'too-many-attempts', 'storage', 'busy'],
      },
      async handle(context) {
        const caller = context.get('caller')
        const wait = await asked.pour(caller.id)
        if (wait > 0) throw Refused.tooMany('This key asks too much at once.', wait)
        const name = context.req.param('username') ?? ''
        const account = await findPersonOf(db, caller, name)
        if (!account) throw new Refused('no-such-account', `There is no account ${name}.`)
        return context.json(await presence.ask(account.id))
      },
    },
  ]
}
