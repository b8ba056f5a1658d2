import * as v from 'valibot'
import type { DeviceNotifier } from '../accounts/device-notifier.ts'
import { readBody } from './json-body.ts'
import type { Route } from './route.ts'

const recheckRequest = v.object({ user: v.pipe(v.string(), v.nonEmpty(), v.maxLength(64)) })

/** What the commands ask of a running server after they have changed its database. */
export const operatorRoutes = (notify: DeviceNotifier): Route[] => [
  {
    method: 'POST',
    path: '/api/operator/recheck',
    admits: 'operator',
    async handle(context) {
      const { user } = await readBody(context, recheckRequest)
      notify.sessionsEnded(user)
      return context.body(null, 204)
    },
  },
]
