import type { Auth } from '../accounts/auth.ts'
import type { Bus } from '../bus/bus.ts'
import type { Route } from '../http/route.ts'
import { deletionRoutes } from './deletion-routes.ts'
import { deviceRoutes } from './device-routes.ts'
import { overviewRoutes } from './overview-routes.ts'
import { passwordRoutes } from './password-routes.ts'
import { enterRoutes } from './redeem-routes.ts'
import { tellDevices } from './tell-devices.ts'
import { visitCookie } from './web-session-cookie.ts'
import { type VisitorParts, visitors } from './web-session-middleware.ts'

export interface OwnPageParts extends Omit<VisitorParts, 'cookie'> {
  readonly auth: Auth
  readonly bus: Bus
  /** Whether people reach us by https. */
  readonly secure: boolean
  /** What the issuer is called that people may sign in with. */
  readonly issuer: string
  /** Something was put into the outbox. */
  readonly wake: () => void
}

/** A person's own account, as pages. */
export function ownPageRoutes({ secure, bus, ...given }: OwnPageParts): Route[] {
  const cookie = visitCookie(secure)
  const parts = { ...given, cookie, tell: tellDevices(given.db, bus) }
  const own = { ...parts, visitors: visitors(parts) }
  return [
    ...enterRoutes(parts),
    ...overviewRoutes(own),
    ...deviceRoutes(own),
    ...passwordRoutes(own),
    ...deletionRoutes(own),
    // After a form was refused its address stands in the browser, and may be loaded again.
    ...['name', 'settings', 'unlink', 'device', 'devices', 'leave'].map(
      (form): Route => ({
        method: 'GET',
        path: `/account/${form}`,
        admits: 'anyone',
        handle: (request) => request.redirect('/account', 303),
      }),
    ),
  ]
}
