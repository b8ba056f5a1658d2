import type { DeviceNotifier } from '../accounts/device-notifier.ts'
import type { Passwords } from '../accounts/passwords.ts'
import type { Clock } from '../clock.ts'
import { bucketsOf } from '../database/shared-buckets.ts'
import type { Database } from '../database/tables.ts'
import type { ClientOf } from '../http/client-address.ts'
import { Refused, refusalOfError } from '../http/refused.ts'
import type { Context, Route } from '../http/route.ts'
import type { Log } from '../log.ts'
import { provision } from './provision.ts'
import { scimDescriptions } from './scim-descriptions.ts'
import { scimError, tooMany } from './scim-error.ts'
import type { Scim } from './scim-plugin.ts'
import { readScimRequest } from './scim-request.ts'

export interface ScimDependencies {
  readonly db: Database
  readonly passwords: Passwords
  readonly notify: DeviceNotifier
  readonly clock: Clock
  readonly log: Log
  readonly secret: string
  readonly publicUrl: () => string
  readonly clientOf: ClientOf
  /** Something was put into the outbox. */
  readonly wake: () => void
  /** There are contacts to be made or ended. */
  readonly wakeContacts: () => void
}

/** Of one key so much is asked: a first import at once, and far more than a clinic's people change after. */
const pace = { atOnce: 3_000, perSecond: 20 }

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const served =
  /^\/scim\/v2\/((Users|Groups)(\/[^/]+)?|ServiceProviderConfig|Schemas(\/[^/]+)?|ResourceTypes(\/(User|Group))?)$/

/** SCIM 2.0 (RFC 7643, RFC 7644): the clinic's system makes, changes and disables accounts. */
export function scimRoutes(dependencies: ScimDependencies): Route[] {
  const { db, notify, clock, log, secret, publicUrl, clientOf, wake, wakeContacts } = dependencies
  let opened: Promise<Scim> | undefined
  // Most servers never need it, and it takes its time to load.
  const scim = () => {
    if (opened) return opened
    const opening = import('./scim-plugin.ts').then(({ createScim }) => createScim(db, secret, publicUrl()))
    opened = opening
    // What failed is tried again by the next request.
    opening.catch(() => {
      if (opened === opening) opened = undefined
    })
    return opening
  }

  const asked = bucketsOf(dependencies, 'scim', pace)

  const handle = async (context: Context): Promise<Response> => {
    const wait = await asked.pour(context.get('caller').id)
    if (wait > 0) return tooMany('This key asks too much at once.', wait)
    if (!served.test(context.req.path)) return scimError(404, 'There is nothing at this address.')
    const request = await readScimRequest(context)
    if (request instanceof Response) return request
    const from = clientOf(context.env.incoming)
    const provisioner = { caller: context.get('caller'), from, now: clock.wall() }
    const { answer, touched, teamsChanged } = await provision({ ...dependencies, scim }, request, provisioner)
    if (touched.size > 0) wake()
    if (teamsChanged) wakeContacts()
    for (const userId of touched) {
      notify.sessionsEnded(userId)
      notify.accountChanged(userId)
    }
    return answer
  }

  return methods.map((method) => ({
    method,
    path: '/scim/v2/*',
    admits: 'scim',
    describes: scimDescriptions[method],
    async handle(context) {
      try {
        return await handle(context)
      } catch (error) {
        if (error instanceof Refused) return scimError(error.status, error.body.message)
        const { status, body } = refusalOfError(error)
        if (body.retryAfter !== undefined)
          return scimError(status, body.message, undefined, { 'Retry-After': String(body.retryAfter) })
        log.error({ err: error, path: context.req.routePath }, 'a request of SCIM failed')
        return scimError(status, body.message)
      }
    },
  }))
}
