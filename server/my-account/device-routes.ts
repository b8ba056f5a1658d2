import { html } from 'hono/html'
import type { DeviceNotifier } from '../accounts/device-notifier.ts'
import type { Database } from '../database/tables.ts'
import type { Route } from '../http/route.ts'
import type { Language } from '../locales/language.ts'
import type { Locale } from '../locales/locale.ts'
import type { Html } from '../pages/layout.ts'
import { type ListedDevice, signOutOne, signOutOthers } from './devices.ts'
import type { DoneNotice } from './done-notice.ts'
import { actionForm } from './form-controls.ts'
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
    cookie.clear(context)
    return context.redirect(`/account/out?language=${locale.language}`, 303)
  }),
  signedIn.form('/account/devices', async (context, { person, actor }) => {
    if ((await signOutOthers(db, actor)) > 0) notify.sessionsEnded(person.id)
    return notice.redirect(context, 'others')
  }),
]

/** Where a person is signed in, each with the way to end it: a part of the overview. */
export function deviceSection({ language, texts }: Locale, devices: readonly ListedDevice[]): Html {
  const { title, on, unknown, here: thisDevice, from, seen, out, outOf, others } = texts.myAccount.devices
  return html`<section aria-labelledby="devices">
    <h2 id="devices">${title}</h2>
    <ul class="devices">
      ${devices.map(({ sessionId, browser, system, address, seenAt, here }) => {
        const name = browser && system ? on(browser, system) : (browser ?? system ?? unknown)
        return html`<li>
          <div>
            <p><strong>${name}</strong>${here ? html` <span class="here">${thisDevice}</span>` : ''}</p>
            <p class="note">${from(address)}</p>
            <p class="note">${seen}: ${moment(language, seenAt)}</p>
          </div>
          ${actionForm(
            { action: '/account/device', button: out, label: outOf(name), kind: 'quiet' },
            html`<input type="hidden" name="session" value="${sessionId}" />`,
          )}
        </li>`
      })}
    </ul>
    ${devices.length > 1 ? actionForm({ action: '/account/devices', button: others, kind: 'quiet' }) : ''}
  </section>`
}

/** A time as UTC; where scripts run they put it into the time of the place. */
function moment(language: Language, at: number): Html {
  const date = new Date(at)
  const options = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const
  const text = new Intl.DateTimeFormat(language, options).format(date)
  return html`<time datetime="${date.toISOString()}">${text} UTC</time>`
}
