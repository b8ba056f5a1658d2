import { keptName, nameFault } from '../accounts/new-person.ts'
import type { Database } from '../database/tables.ts'
import type { Request, Route } from '../http/route.ts'
import { knownLanguage } from '../locales/language.ts'
import { showPage } from '../pages/show-page.ts'
import { changeProfile } from './change-profile.ts'
import { listDevices } from './device-list.ts'
import { type Done, type Overview, overviewPage } from './overview-page.ts'
import type { TellDevices } from './tell-devices.ts'
import { unlinkIssuer } from './unlink-issuer.ts'
import type { Visitor, Visitors } from './web-session-middleware.ts'

export interface OverviewParts {
  readonly db: Database
  readonly visitors: Visitors
  readonly tell: TellDevices
  /** What the issuer is called that people may sign in with. */
  readonly issuer: string
}

/** The page with everything, and what can be changed on it. */
export function overviewRoutes({ db, visitors, tell, issuer }: OverviewParts): Route[] {
  const show = async (
    request: Request,
    { person, changing, said }: Visitor,
    more: Partial<Overview> = {},
    status: 200 | 422 = 200,
  ) => {
    const devices = await listDevices(db, person.id, changing.visit.sessionId, changing.now)
    return showPage(request, overviewPage(said, { person, devices, issuer, ...more }), status)
  }

  return [
    visitors.page('/account', (request, visitor) => {
      const done = request.req.query('done')
      return show(request, visitor, {
        done: done !== undefined && Object.hasOwn(visitor.said.own.done, done) ? (done as Done) : undefined,
      })
    }),
    visitors.form('/account/name', async (request, visitor, form) => {
      const name = keptName(form.get('name'))
      const fault = nameFault(name)
      if (fault) {
        const words = visitor.said.words.join.nameFaults[fault]
        return show(request, visitor, { typedName: name, faults: [{ field: 'name', words }] }, 422)
      }
      if (await changeProfile(db, visitor.changing, { name })) await tell.account(visitor.person.id)
      return request.redirect('/account?done=name', 303)
    }),
    visitors.form('/account/settings', async (request, { person, changing }, form) => {
      const wanted = {
        language: knownLanguage(form.get('language')) ?? null,
        mailMissed: form.get('mailMissed') === 'on',
        mailNames: form.get('mailNames') === 'on',
      }
      if (await changeProfile(db, changing, wanted)) await tell.account(person.id)
      return request.redirect('/account?done=settings', 303)
    }),
    visitors.form('/account/unlink', async (request, { changing }) =>
      request.redirect((await unlinkIssuer(db, changing)) ? '/account?done=unlinked' : '/account', 303),
    ),
  ]
}
