import type { Database } from '../database/tables.ts'
import type { Route } from '../http/route.ts'
import { signOutOne, signOutOthers } from './end-sessions.ts'
import type { TellDevices } from './tell-devices.ts'
import type { WebSessionCookie } from './web-session-cookie.ts'
import type { WebSessionRoutes } from './web-session-middleware.ts'

export interface DeviceRouteDependencies {
  readonly db: Database
  readonly webSessions: WebSessionRoutes
  readonly tell: TellDevices
  readonly cookie: WebSessionCookie
}

/** Signing devices out from afar. */
export const deviceRoutes = ({ db, webSessions, tell, cookie }: DeviceRouteDependencies): Route[] => [
  webSessions.form('/account/device', async (context, { person, changing, locale }, form) => {
    const session = form.get('session')
    if (await signOutOne(db, changing, session)) tell.recheck(person.id)
    if (session !== changing.webSession.sessionId) return context.redirect('/account?done=device', 303)
    // The web session came by way of this device, and is over with its session.
    cookie.take(context)
    return context.redirect(`/account/out?language=${locale.language}`, 303)
  }),
  webSessions.form('/account/devices', async (context, { person, changing }) => {
    if ((await signOutOthers(db, changing)) > 0) tell.recheck(person.id)
    return context.redirect('/account?done=others', 303)
  }),
]
