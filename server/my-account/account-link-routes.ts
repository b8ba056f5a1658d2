import type * as v from 'valibot'
import type { accountLinkResponse } from '../../protocol/http.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Route } from '../http/route.ts'
import { makeWebSessionCode } from './web-sessions.ts'

export interface AccountLinkDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly publicUrl: () => string
}

/** From the extension to the account pages: a device that proves its session gets an address that works once. */
export const accountLinkRoutes = ({ db, clock, publicUrl }: AccountLinkDependencies): Route[] => [
  {
    method: 'POST',
    path: '/api/account/link',
    admits: 'session',
    async handle(context) {
      const code = await makeWebSessionCode(db, context.get('session').id, clock.wall())
      const url = `${publicUrl()}/account/redeem?code=${code}`
      return context.json({ url } satisfies v.InferInput<typeof accountLinkResponse>)
    },
  },
]
