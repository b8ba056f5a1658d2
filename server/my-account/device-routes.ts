import type { Database } from '../database/tables.ts'
import type { Route } from '../http/route.ts'
import { signOutOne, signOutOthers } from './end-sessions.ts'
import type { TellDevices } from './tell-devices.ts'
import type { VisitCookie } from './web-session-cookie.ts'
import type { Visitors } from './web-session-middleware.ts'

export interface DeviceRouteParts {
  readonly db: Database
  readonly visitors: Visitors
  readonly tell: TellDevices
  readonly cookie: VisitCookie
}

/** Signing devices out from afar. */
export const deviceRoutes = ({ db, visitors, tell, cookie }: DeviceRouteParts): Route[] => [
  visitors.form('/account/device', async (request, { person, changing, said }, form) => {
    const session = form.get('session')
    if (await signOutOne(db, changing, session)) tell.recheck(person.id)
    if (session !== changing.visit.sessionId) return request.redirect('/account?done=device', 303)
    // The visit came by way of this device, and is over with its session.
    cookie.take(request)
    return request.redirect(`/account/out?language=${said.language}`, 303)
  }),
  visitors.form('/account/devices', async (request, { person, changing }) => {
    if ((await signOutOthers(db, changing)) > 0) tell.recheck(person.id)
    return request.redirect('/account?done=others', 303)
  }),
]
