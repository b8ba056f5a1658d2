import { randomUUID } from 'node:crypto'
import { clinicThread } from '../../protocol/people.ts'
import { type SentMessage, sendMessageRequest, sentMessage } from '../../protocol/programs.ts'
import { findPersonOf } from '../accounts/people-of-key.ts'
import { bucketsOf } from '../database/shared-buckets.ts'
import { readBody } from '../http/json-body.ts'
import { Refused } from '../http/refused.ts'
import type { Route } from '../http/route.ts'
import { sendFromClinic } from '../messages/clinic-messages.ts'
import { messageByKey } from '../messages/message-rows.ts'
import { storable } from '../messages/write-message.ts'
import { idempotencyKeyOf, idempotencyParameter } from './idempotency-key.ts'
import type { ProgramDependencies } from './program-dependencies.ts'

/** So many a key sends at once and then in a second, and of these to one person. */
const ofKey = { atOnce: 100, perSecond: 10 }
const toOne = { atOnce: 12, perSecond: 0.2 }

/** Messages of the clinic's system to people: each is in its person's thread with the clinic. */
export function messageRoutes(dependencies: ProgramDependencies): Route[] {
  const { db } = dependencies
  const rates = {
    ofKey: bucketsOf(dependencies, 'messages-of-key', ofKey),
    toOne: bucketsOf(dependencies, 'messages-to-one', toOne),
  }

  const count = async (keyId: string, userId: string, to: string) => {
    const wait = await rates.ofKey.pour(keyId)
    if (wait > 0) throw Refused.tooMany('This key has sent too many messages.', wait)
    const waitForOne = await rates.toOne.pour(`${keyId} ${userId}`)
    if (waitForOne === 0) return
    await rates.ofKey.takeBack(keyId)
    throw Refused.tooMany(`Too many messages were sent to ${to}.`, waitForOne)
  }

  return [
    {
      method: 'POST',
      path: '/api/messages',
      admits: 'api-key',
      scope: 'messages',
      describes: {
        summary: 'Write to somebody',
        about:
          'The message is in the person’s thread with the clinic, which they cannot answer, on all their devices. It is kept once this is answered.',
        parameters: idempotencyParameter,
        body: { schema: sendMessageRequest },
        answers: {
          201: { about: 'It is kept.', schema: sentMessage },
          200: { about: 'It was sent before, with the same Idempotency-Key.', schema: sentMessage },
        },
        refuses: [
          ...(['bad-request', 'unauthorized', 'no-such-account', 'too-large'] as const),
          ...(['idempotency-key-reused', 'too-many-attempts', 'storage', 'busy'] as const),
        ],
      },
      async handle(context) {
        const { to, text } = await readBody(context, sendMessageRequest)
        const caller = context.get('caller')
        const given = idempotencyKeyOf(context)
        const key = `${caller.id} ${given ?? randomUUID()}`
        const account = await findPersonOf(db, caller, to)
        if (!account) throw new Refused('no-such-account', `There is no account ${to}.`)
        // What was sent already costs nothing, so that it is always safe to say it again.
        const known = given === undefined ? undefined : await messageByKey(db, clinicThread, key)
        if (!known) await count(caller.id, account.id, to)
        const sent = await sendFromClinic(dependencies, { to: account.id, key, text })
        const answer: SentMessage = { id: sent.id, to, text: sent.text, at: sent.at }
        if (!sent.isKnown) return context.json(answer, 201)
        const before = await messageByKey(db, clinicThread, key)
        if (before?.b !== account.id || before.text !== storable(text))
          throw new Refused(
            'idempotency-key-reused',
            'This Idempotency-Key was sent before, with another body. Make a new one for each message.',
          )
        return context.json(answer, 200)
      },
    },
  ]
}
