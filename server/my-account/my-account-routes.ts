import type { DeviceNotifier } from '../accounts/device-notifier.ts'
import type { LeasesOf } from '../accounts/leases-of.ts'
import type { Passwords } from '../accounts/passwords.ts'
import type { Route } from '../http/route.ts'
import type { People } from '../people/people.ts'
import type { Visits } from '../places/visits.ts'
import { deletionRoutes } from './deletion-routes.ts'
import { deviceRoutes } from './device-routes.ts'
import { createDoneNotice } from './done-notice.ts'
import { overviewRoutes } from './overview-routes.ts'
import { passwordRoutes } from './password-routes.ts'
import { ownPlaceRoutes } from './place-routes.ts'
import { redeemRoutes } from './redeem-routes.ts'
import { unlinkRoutes } from './unlink-routes.ts'
import { createWebSessionCookie } from './web-session-cookie.ts'
import { requireWebSession, type WebSessionDependencies } from './web-session-middleware.ts'

export interface MyAccountDependencies extends Omit<WebSessionDependencies, 'cookie'> {
  readonly passwords: Passwords
  /** Of this installation. */
  readonly secret: string
  readonly notify: DeviceNotifier
  /** Whether people reach us by https. */
  readonly secure: boolean
  /** What the issuer is called that people may sign in with. */
  readonly issuer: string
  /** The sessions of a person by which a call would ring at this moment, each with how long that is proven for, in ms. */
  readonly leasesOf: LeasesOf
  readonly people: Pick<People, 'manage'>
  readonly visits: Pick<Visits, 'onDeclined'>
  /** Something was put into the outbox. */
  readonly wake: () => void
}

/** A person's own account, as pages. */
export function myAccountRoutes({ secure, ...given }: MyAccountDependencies): Route[] {
  const webSession = { ...given, cookie: createWebSessionCookie(secure) }
  const dependencies = {
    ...webSession,
    signedIn: requireWebSession(webSession),
    notice: createDoneNotice(secure),
  }
  return [
    ...redeemRoutes(webSession),
    ...overviewRoutes(dependencies),
    ...deviceRoutes(dependencies),
    ...ownPlaceRoutes(dependencies),
    ...passwordRoutes(dependencies),
    ...unlinkRoutes(dependencies),
    ...deletionRoutes(dependencies),
    // After a form was refused its address stands in the browser, and may be loaded again.
    ...['name', 'settings', 'contact', 'place', 'visitor', 'device', 'devices', 'leave'].map(
      (form): Route => ({
        method: 'GET',
        path: `/account/${form}`,
        admits: 'anyone',
        handle: (context) => context.redirect('/account', 303),
      }),
    ),
  ]
}
