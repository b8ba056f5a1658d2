import { nameError, normalizedName } from '../../protocol/display-name.ts'
import type { DeviceNotifier } from '../accounts/device-notifier.ts'
import type { LeasesOf } from '../accounts/leases-of.ts'
import type { Database } from '../database/tables.ts'
import type { Context, Route } from '../http/route.ts'
import { knownLanguage } from '../locales/language.ts'
import { showPage } from '../pages/show-page.ts'
import type { People } from '../people/people.ts'
import { listOwnPlaces } from '../places/own-places.ts'
import { listApart } from './apart-people.ts'
import { listDevices } from './devices.ts'
import type { DoneNotice } from './done-notice.ts'
import { type Overview, overviewPage } from './overview-page.ts'
import { changeProfile } from './person.ts'
import type { SignedInPerson, SignedInRoutes } from './web-session-middleware.ts'

export interface OverviewDependencies {
  readonly db: Database
  readonly signedIn: SignedInRoutes
  readonly notify: DeviceNotifier
  readonly notice: DoneNotice
  /** What the issuer is called that people may sign in with. */
  readonly issuer: string
  readonly leasesOf: LeasesOf
  readonly people: Pick<People, 'manage'>
}

/** The page with everything, and what can be changed on it. */
export function overviewRoutes({
  db,
  signedIn,
  notify,
  notice,
  issuer,
  leasesOf,
  people,
}: OverviewDependencies): Route[] {
  const show = async (
    context: Context,
    { person, actor, locale }: SignedInPerson,
    more: Partial<Overview> = {},
    status: 200 | 422 = 200,
  ) => {
    const devices = await listDevices(db, leasesOf, actor)
    const apart = await listApart(db, person.id)
    const places = await listOwnPlaces(db, person.id)
    const overview = { person, devices, apart, places, issuer, madeAt: actor.now, ...more }
    return showPage(context, overviewPage(locale, overview), status)
  }

  return [
    signedIn.page('/account', (context, who) =>
      show(context, who, { done: notice.take(context, who.locale.texts.myAccount) }),
    ),
    signedIn.form('/account/name', async (context, who, form) => {
      const name = normalizedName(form.get('name'))
      const error = nameError(name)
      if (error) {
        const message = who.locale.texts.pages.register.nameErrors[error]
        return show(context, who, { typedName: name, errors: [{ field: 'name', message }] }, 422)
      }
      if (await changeProfile(db, who.actor, { name })) notify.accountChanged(who.person.id)
      return notice.redirect(context, 'name')
    }),
    signedIn.form('/account/settings', async (context, { person, actor }, form) => {
      const wanted = {
        language: knownLanguage(form.get('language')) ?? null,
        mailMissed: form.get('mailMissed') === 'on',
        mailUnread: form.get('mailUnread') === 'on',
        mailNames: form.get('mailNames') === 'on',
        tellsRead: form.get('tellsRead') === 'on',
      }
      if (await changeProfile(db, actor, wanted)) notify.accountChanged(person.id)
      return notice.redirect(context, 'settings')
    }),
    signedIn.form('/account/contact', async (context, who, form) => {
      const change = managed.find((one) => one === form.get('change'))
      if (change === undefined) return context.redirect('/account', 303)
      const handled = await people.manage(who.person.id, form.get('person'), change)
      if (handled.kind === 'done') return notice.redirect(context, doneBy[change])
      const { tooManyAsked, tooManyContacts } = who.locale.texts.myAccount.apart
      const messages = { 'too-many-attempts': tooManyAsked, 'too-many-contacts': tooManyContacts }
      const message = messages[handled.why as keyof typeof messages]
      // Somebody else's form, or one from before something else was done with them: the page shows how it is.
      if (message === undefined) return context.redirect('/account', 303)
      return show(context, who, { errors: [{ field: 'apart', message }] }, 422)
    }),
  ]
}

const managed = ['ask', 'block', 'unblock', 'forget'] as const
const doneBy = {
  ask: 'contactAsked',
  block: 'contactBlocked',
  unblock: 'contactUnblocked',
  forget: 'contactForgotten',
} as const
