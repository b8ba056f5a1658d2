import { keptName, nameError } from '../accounts/new-person.ts'
import type { Database } from '../database/tables.ts'
import type { Context, Route } from '../http/route.ts'
import { knownLanguage } from '../locales/language.ts'
import { showPage } from '../pages/show-page.ts'
import { changeProfile } from './change-profile.ts'
import { listDevices } from './device-list.ts'
import { type Done, type Overview, overviewPage } from './overview-page.ts'
import type { TellDevices } from './tell-devices.ts'
import { unlinkIssuer } from './unlink-issuer.ts'
import type { WebSessionOwner, WebSessionRoutes } from './web-session-middleware.ts'

export interface OverviewDependencies {
  readonly db: Database
  readonly webSessions: WebSessionRoutes
  readonly tell: TellDevices
  /** What the issuer is called that people may sign in with. */
  readonly issuer: string
}

/** The page with everything, and what can be changed on it. */
export function overviewRoutes({ db, webSessions, tell, issuer }: OverviewDependencies): Route[] {
  const show = async (
    context: Context,
    { person, changing, locale }: WebSessionOwner,
    more: Partial<Overview> = {},
    status: 200 | 422 = 200,
  ) => {
    const devices = await listDevices(db, person.id, changing.webSession.sessionId, changing.now)
    return showPage(context, overviewPage(locale, { person, devices, issuer, ...more }), status)
  }

  return [
    webSessions.page('/account', (context, owner) => {
      const done = context.req.query('done')
      return show(context, owner, {
        done: done !== undefined && Object.hasOwn(owner.locale.own.done, done) ? (done as Done) : undefined,
      })
    }),
    webSessions.form('/account/name', async (context, owner, form) => {
      const name = keptName(form.get('name'))
      const error = nameError(name)
      if (error) {
        const words = owner.locale.words.join.nameErrors[error]
        return show(context, owner, { typedName: name, errors: [{ field: 'name', words }] }, 422)
      }
      if (await changeProfile(db, owner.changing, { name })) await tell.account(owner.person.id)
      return context.redirect('/account?done=name', 303)
    }),
    webSessions.form('/account/settings', async (context, { person, changing }, form) => {
      const wanted = {
        language: knownLanguage(form.get('language')) ?? null,
        mailMissed: form.get('mailMissed') === 'on',
        mailNames: form.get('mailNames') === 'on',
      }
      if (await changeProfile(db, changing, wanted)) await tell.account(person.id)
      return context.redirect('/account?done=settings', 303)
    }),
    webSessions.form('/account/unlink', async (context, { changing }) =>
      context.redirect((await unlinkIssuer(db, changing)) ? '/account?done=unlinked' : '/account', 303),
    ),
  ]
}
