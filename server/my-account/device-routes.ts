import type { DeviceNotifier } from '../accounts/device-notifier.ts'
import type { Database } from '../database/tables.ts'
import type { Route } from '../http/route.ts'
import { signOutOne, signOutOthers } from './devices.ts'
import type { DoneNotice } from './done-notice.ts'
import type { WebSessionCookie } from './web-session-cookie.ts'
import type { SignedInRoutes } from './web-session-middleware.ts'

export interface DeviceDependencies {
  readonly db: Database
  readonly signedIn: SignedInRoutes
  readonly notify: DeviceNotifier
  readonly notice: DoneNotice
  readonly cookie: WebSessionCookie
}

/** Signing devices out from afar. */
export const deviceRoutes = ({ db, signedIn, notify, notice, cookie }: DeviceDependencies): Route[] => [
  signedIn.form('/account/device', async (context, { person, actor, locale }, form) => {
    const session = form.get('session')
    if (!(await signOutOne(db, actor, session))) return context.redirect('/account', 303)
    notify.sessionsEnded(person.id)
    if (session !== actor.webSession.sessionId) return notice.redirect(context, 'device')
    // The web session came by way of this device, and is over with its session.
    cookie.clearWithSiteData(context)
    return context.redirect(`/account/out?language=${locale.language}`, 303)
  }),
  signedIn.form('/account/devices', async (context, { person, actor }) => {
    if ((await signOutOthers(db, actor)) > 0) notify.sessionsEnded(person.id)
    return notice.redirect(context, 'others')
  }),
]
