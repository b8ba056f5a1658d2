import type { Origin } from '../accounts/audit.ts'
import type { Auth } from '../accounts/auth.ts'
import { readAccount } from '../accounts/find-account.ts'
import type { Bus } from '../bus/bus.ts'
import { personSubject } from '../bus/person-message.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { refusalOfFault } from '../http/refused.ts'
import type { Request, Route } from '../http/route.ts'
import type { Log } from '../log.ts'
import { provision } from './provision.ts'
import { scimError } from './scim-error.ts'
import type { Scim } from './scim-plugin.ts'
import { readScimRequest } from './scim-request.ts'

export interface ProvisioningParts {
  readonly db: Database
  readonly auth: Auth
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly secret: string
  readonly publicUrl: () => string
  readonly originOf: (incoming: Request['env']['incoming']) => Origin
  /** Something was put into the outbox. */
  readonly wake: () => void
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const served =
  /^\/scim\/v2\/(Users(\/[^/]+)?|ServiceProviderConfig|Schemas(\/[^/]+)?|ResourceTypes(\/User)?)$/

/** SCIM 2.0 (RFC 7643, RFC 7644): the clinic's system makes, changes and disables accounts. */
export function provisioningRoutes(given: ProvisioningParts): Route[] {
  const { db, bus, clock, log, secret, publicUrl, originOf, wake } = given
  let opened: Promise<Scim> | undefined
  // Most servers never need it, and it takes its time to load.
  const scim = () => {
    opened ??= import('./scim-plugin.ts').then(({ openScim }) => openScim(db, secret, publicUrl()))
    return opened
  }

  const tell = async (userId: string) => {
    bus.publish(personSubject(userId), { kind: 'recheck' })
    const account = await readAccount(db, userId)
    if (account) bus.publish(personSubject(userId), { kind: 'account', account })
  }

  const handle = async (request: Request): Promise<Response> => {
    if (!served.test(request.req.path)) return scimError(404, 'There is nothing at this address.')
    const ask = await readScimRequest(request)
    if (ask instanceof Response) return ask
    const from = originOf(request.env.incoming)
    const provisioner = { caller: request.get('caller'), from, now: clock.wall() }
    const { answer, touched } = await provision({ ...given, scim }, ask, provisioner)
    for (const userId of touched) await tell(userId)
    if (touched.size > 0) wake()
    return answer
  }

  return methods.map((method) => ({
    method,
    path: '/scim/v2/*',
    admits: 'scim',
    async handle(request) {
      try {
        return await handle(request)
      } catch (fault) {
        log.error({ err: fault, path: request.req.routePath }, 'a request of SCIM failed')
        const { status, body } = refusalOfFault(fault)
        return scimError(status, body.message)
      }
    },
  }))
}
