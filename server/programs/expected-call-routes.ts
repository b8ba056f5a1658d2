import * as v from 'valibot'
import { announcedCall, announcedCalls, expectCallRequest } from '../../protocol/programs.ts'
import { findPersonOf } from '../accounts/people-of-key.ts'
import { bucketsOf } from '../database/shared-buckets.ts'
import {
  announceCall,
  announcedById,
  announcedByKey,
  announcedOf,
  cancelAnnounced,
  listAnnounced,
  mostOfKey,
  mostOfPerson,
} from '../expected-calls/announced-calls.ts'
import { whyNotAt } from '../expected-calls/expected-requests.ts'
import { readBody } from '../http/json-body.ts'
import { Refused } from '../http/refused.ts'
import type { Context, DescribedParameter, Route } from '../http/route.ts'
import { textParameter } from '../http/text-parameter.ts'
import { idempotencyKeyOf, idempotencyParameter } from './idempotency-key.ts'
import type { ProgramDependencies } from './program-dependencies.ts'

/** So many a key announces at once and then in a second, and of these to one person. */
const ofKey = { atOnce: 200, perSecond: 10 }
const toOne = { atOnce: 12, perSecond: 0.2 }

const id: Readonly<Record<string, DescribedParameter>> = {
  id: { in: 'path', about: 'The id of the expected call.', schema: textParameter },
}

/** Calls that a program says will come. A key sees its own, and no others. */
export function expectedCallRoutes(dependencies: ProgramDependencies): Route[] {
  const { db, clock } = dependencies
  const rates = {
    ofKey: bucketsOf(dependencies, 'expected-of-key', ofKey),
    toOne: bucketsOf(dependencies, 'expected-of-key-to-one', toOne),
  }

  const count = async (keyId: string, userId: string, to: string) => {
    const wait = await rates.ofKey.pour(keyId)
    if (wait > 0) throw Refused.tooMany('This key has announced too many calls.', wait)
    const waitForOne = await rates.toOne.pour(`${keyId} ${userId}`)
    if (waitForOne === 0) return
    await rates.ofKey.takeBack(keyId)
    throw Refused.tooMany(`Too many calls were announced to ${to}.`, waitForOne)
  }

  const noSuch = () => new Refused('not-found', 'There is no such expected call.')
  const idOf = (context: Context) => context.req.param('id') ?? ''

  return [
    {
      method: 'POST',
      path: '/api/expected-calls',
      admits: 'api-key',
      scope: 'expected-calls',
      describes: {
        summary: 'Say that somebody will be called',
        about:
          'The person is shown it on all their devices, and reminded where calls cannot reach them from ten minutes before it on; where none of their devices can be reached, by mail, once. It ends when a call of this clinic’s programs is answered, 15 minutes after its time, or when it is taken back.',
        parameters: idempotencyParameter,
        body: { schema: expectCallRequest },
        answers: {
          201: { about: 'It is announced.', schema: announcedCall },
          200: { about: 'It was announced before, with the same Idempotency-Key.', schema: announcedCall },
        },
        refuses: [
          ...(['bad-request', 'unauthorized', 'no-such-account', 'too-large'] as const),
          ...(['idempotency-key-reused', 'too-many-attempts', 'storage', 'busy'] as const),
        ],
      },
      async handle(context) {
        const { to, at, from } = await readBody(context, expectCallRequest)
        const caller = context.get('caller')
        const idempotencyKey = idempotencyKeyOf(context) ?? null
        const account = await findPersonOf(db, caller, to)
        if (!account) throw new Refused('no-such-account', `There is no account ${to}.`)
        // What was announced already costs nothing, so that it is always safe to say it again.
        const known =
          idempotencyKey === null ? undefined : await announcedByKey(db, caller.id, idempotencyKey)
        if (!known) {
          const why = whyNotAt(at, clock.wall())
          if (why !== undefined)
            throw new Refused('bad-request', `at: ${why} It is in milliseconds since 1970.`)
          await count(caller.id, account.id, to)
        }
        const announced = await announceCall(dependencies, {
          ...{ apiKeyId: caller.id, idempotencyKey, userId: account.id, to, from: from ?? caller.name, at },
        })
        switch (announced.kind) {
          case 'announced':
            return context.json(announcedOf(announced.row), 201)
          case 'repeated':
            return context.json(announcedOf(announced.row), 200)
          case 'key-reused':
            throw new Refused(
              'idempotency-key-reused',
              'This Idempotency-Key was sent before, with another body. Make a new one for each expected call.',
            )
          case 'too-many-of-person':
            throw new Refused(
              'bad-request',
              `This key has announced ${mostOfPerson} calls to ${to} that are still expected, and there is no room for more.`,
            )
          case 'too-many-of-key':
            throw new Refused(
              'bad-request',
              `This key has announced ${mostOfKey} calls that are still expected, and there is no room for more.`,
            )
        }
      },
    },
    {
      method: 'GET',
      path: '/api/expected-calls',
      admits: 'api-key',
      scope: 'expected-calls',
      describes: {
        summary: 'What this key announced and is still expected',
        about: 'Soonest first, 200 at a time; where there are more, ask with the id of the last as `after`.',
        parameters: {
          after: {
            in: 'query',
            about: 'Only those after the one with this id.',
            schema: v.optional(textParameter),
          },
        },
        answers: { 200: { about: 'As they are now.', schema: announcedCalls } },
        refuses: ['unauthorized', 'not-found'],
      },
      async handle(context) {
        const caller = context.get('caller')
        const last = context.req.query('after')
        const after = last === undefined ? undefined : await announcedById(db, caller.id, last)
        if (last !== undefined && !after) throw noSuch()
        const { rows, more } = await listAnnounced(db, caller.id, after)
        return context.json({ expectedCalls: rows.map(announcedOf), more })
      },
    },
    {
      method: 'GET',
      path: '/api/expected-calls/:id',
      admits: 'api-key',
      scope: 'expected-calls',
      describes: {
        summary: 'One of them',
        about: 'What became of it is remembered for a month.',
        parameters: id,
        answers: { 200: { about: 'As it is now.', schema: announcedCall } },
        refuses: ['unauthorized', 'not-found'],
      },
      async handle(context) {
        const row = await announcedById(db, context.get('caller').id, idOf(context))
        if (!row) throw noSuch()
        return context.json(announcedOf(row))
      },
    },
    {
      method: 'DELETE',
      path: '/api/expected-calls/:id',
      admits: 'api-key',
      scope: 'expected-calls',
      describes: {
        summary: 'Take it back',
        about: 'The person’s devices show it no more. Done again it changes nothing.',
        parameters: id,
        answers: { 204: { about: 'It is expected no more.' } },
        refuses: ['unauthorized', 'not-found', 'already-over', 'storage', 'busy'],
      },
      async handle(context) {
        switch (await cancelAnnounced(dependencies, context.get('caller').id, idOf(context))) {
          case 'cancelled':
            return context.body(null, 204)
          case 'over':
            throw new Refused('already-over', 'This expected call is over already.')
          case 'none':
            throw noSuch()
        }
      },
    },
  ]
}
