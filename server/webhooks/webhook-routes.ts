import {
  mostWebhooks,
  newWebhookRequest,
  type WebhookEvent,
  webhook as webhookShape,
  webhooks as webhooksShape,
  webhookWithSecret,
} from '../../protocol/programs.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { readBody } from '../http/json-body.ts'
import { Refused } from '../http/refused.ts'
import type { Context, DescribedParameter, Route } from '../http/route.ts'
import { textParameter } from '../http/text-parameter.ts'
import type { KeyScope } from '../key-scopes.ts'
import { whyNotAllowed } from './webhook-address.ts'
import { createWebhook, deleteWebhook, enableWebhook, listWebhooks, rotateSecret } from './webhook-rows.ts'

export interface WebhookRouteDependencies {
  readonly db: Database
  readonly clock: Clock
  /** Of this installation. */
  readonly secret: string
  readonly isPrivateAllowed: boolean
}

/** A key hears of what it may do itself, and of nothing else. */
const scopeOf: Readonly<Record<WebhookEvent, KeyScope>> = {
  'call.answered': 'calls',
  'call.ended': 'calls',
  'expected-call.at-risk': 'expected-calls',
  'expected-call.reachable': 'expected-calls',
  'expected-call.ended': 'expected-calls',
  'contact.changed': 'contacts',
}

const id: Readonly<Record<string, DescribedParameter>> = {
  id: { in: 'path', about: 'The id of the webhook.', schema: textParameter },
}

/** Where a program has events sent. A key sees its own webhooks, and no others. */
export function webhookRoutes({
  db,
  clock,
  secret: serverSecret,
  isPrivateAllowed,
}: WebhookRouteDependencies): Route[] {
  const idOf = (context: Context) => context.req.param('id') ?? ''
  const noSuch = () => new Refused('not-found', 'There is no such webhook.')
  const withSecret = {
    about: 'The webhook, with its secret, which is shown only now.',
    schema: webhookWithSecret,
  }

  return [
    {
      method: 'POST',
      path: '/api/webhooks',
      admits: 'api-key',
      scope: 'webhooks',
      describes: {
        summary: 'Have events sent to an address',
        about:
          'Each event is sent by POST, signed as Standard Webhooks says, until the address answers with 2xx. Its id is the same each time.',
        body: { schema: newWebhookRequest },
        answers: { 201: withSecret },
        refuses: ['bad-request', 'unauthorized', 'too-large', 'storage', 'busy'],
      },
      async handle(context) {
        const { url, events } = await readBody(context, newWebhookRequest)
        const caller = context.get('caller')
        const strange = events.find((event) => !caller.scopes.includes(scopeOf[event]))
        if (strange !== undefined)
          throw new Refused(
            'bad-request',
            `events: ${strange} is for keys that hold the scope ${scopeOf[strange]}, which this one does not.`,
          )
        const forbidden = whyNotAllowed(url, isPrivateAllowed)
        if (forbidden !== undefined) throw new Refused('bad-request', `url: ${forbidden}`)
        const created = await createWebhook(db, caller, { url, events }, serverSecret, clock.wall())
        if (!created)
          throw new Refused('bad-request', `This key has ${mostWebhooks} webhooks, and no room for more.`)
        return context.json({ ...created.webhook, secret: created.secret }, 201)
      },
    },
    {
      method: 'GET',
      path: '/api/webhooks',
      admits: 'api-key',
      scope: 'webhooks',
      describes: {
        summary: 'The webhooks of this key',
        answers: { 200: { about: 'All of them, oldest first.', schema: webhooksShape } },
        refuses: ['unauthorized'],
      },
      handle: async (context) => context.json({ webhooks: await listWebhooks(db, context.get('caller').id) }),
    },
    {
      method: 'DELETE',
      path: '/api/webhooks/:id',
      admits: 'api-key',
      scope: 'webhooks',
      describes: {
        summary: 'Send nothing there any more',
        about: 'What waited for it goes too.',
        parameters: id,
        answers: { 204: { about: 'It is gone.' } },
        refuses: ['unauthorized', 'not-found', 'storage', 'busy'],
      },
      async handle(context) {
        if (!(await deleteWebhook(db, context.get('caller'), idOf(context), clock.wall()))) throw noSuch()
        return context.body(null, 204)
      },
    },
    {
      method: 'POST',
      path: '/api/webhooks/:id/secret',
      admits: 'api-key',
      scope: 'webhooks',
      describes: {
        summary: 'Make a new secret',
        about: 'For a day what is sent is signed with the one before too.',
        parameters: id,
        answers: { 200: withSecret },
        refuses: ['unauthorized', 'not-found', 'storage', 'busy'],
      },
      async handle(context) {
        const rotated = await rotateSecret(
          db,
          context.get('caller'),
          idOf(context),
          serverSecret,
          clock.wall(),
        )
        if (!rotated) throw noSuch()
        return context.json({ ...rotated.webhook, secret: rotated.secret })
      },
    },
    {
      method: 'POST',
      path: '/api/webhooks/:id/enable',
      admits: 'api-key',
      scope: 'webhooks',
      describes: {
        summary: 'Take up a webhook again that was given up, or that fails',
        about: 'What waits for it is sent at once. What happened while it was given up is not sent.',
        parameters: id,
        answers: { 200: { about: 'The webhook.', schema: webhookShape } },
        refuses: ['unauthorized', 'not-found', 'storage', 'busy'],
      },
      async handle(context) {
        const enabled = await enableWebhook(db, context.get('caller'), idOf(context), clock.wall())
        if (!enabled) throw noSuch()
        return context.json(enabled)
      },
    },
  ]
}
