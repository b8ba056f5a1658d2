import type { Request, Route } from '../http/route.ts'
import { formRoute } from '../pages/form-request.ts'
import { deadEndPage, donePage } from '../pages/notice-page.ts'
import { showPage } from '../pages/show-page.ts'
import { recordChange } from './account-change.ts'
import { type OwnSaid, ownLanguageOf } from './account-locale.ts'
import { readPerson } from './person.ts'
import { surelyPage } from './redeem-page.ts'
import type { VisitorParts } from './web-session-middleware.ts'
import { endVisit, enter, findVisit, lookAtCode } from './web-sessions.ts'

/** Coming to the account pages by a one-time code, and leaving them. */
export function enterRoutes({ db, clock, cookie, publicUrl, originOf }: VisitorParts): Route[] {
  const visitOf = async (request: Request) => {
    const secret = cookie.read(request)
    return secret === undefined ? undefined : findVisit(db, secret, clock.wall())
  }

  const comeIn = async (request: Request) => {
    const now = clock.wall()
    const from = originOf(request.env.incoming)
    const secret = await enter(db, request.req.query('code') ?? '', now, (transaction, visit) =>
      recordChange(transaction, 'account-opened', { visit, now, from }),
    )
    if (secret === undefined) {
      // Opened twice, or "back" was pressed: whoever is there already need not be told off.
      if (await visitOf(request)) return request.redirect('/account', 303)
      const said = ownLanguageOf(request)
      return showPage(request, deadEndPage(said, said.own.code), 410)
    }
    const older = cookie.read(request)
    if (older !== undefined) await endVisit(db, older)
    cookie.give(request, secret)
    return request.redirect('/account', 303)
  }

  return [
    {
      method: 'GET',
      path: '/account/enter',
      admits: 'anyone',
      async handle(request) {
        if (!isLedByAnotherSite(request)) return comeIn(request)
        const userId = await lookAtCode(db, request.req.query('code') ?? '', clock.wall())
        if (userId === undefined) return comeIn(request)
        const person = await readPerson(db, userId)
        return showPage(request, surelyPage(ownLanguageOf(request, person.language), person))
      },
    },
    formRoute('/account/enter', publicUrl, comeIn),
    formRoute('/account/leave', publicUrl, async (request) => {
      const secret = cookie.read(request)
      if (secret !== undefined) await endVisit(db, secret)
      cookie.take(request)
      return request.redirect(`/account/left?language=${ownLanguageOf(request).language}`, 303)
    }),
    notice('/account/left', ({ own }) => own.left),
    notice('/account/out', ({ own }) => own.out),
    notice('/account/deleted', ({ own: { remove } }) => ({ title: remove.doneTitle, words: remove.done })),
  ]
}

/** Another site may lead somebody into the pages of whoever owns that site, to have them type there. */
const isLedByAnotherSite = (request: Request) =>
  ['cross-site', 'same-site'].includes(request.req.header('sec-fetch-site') ?? '')

const notice = (path: string, say: (said: OwnSaid) => { title: string; words: string }): Route => ({
  method: 'GET',
  path,
  admits: 'anyone',
  handle(request) {
    const said = ownLanguageOf(request)
    return showPage(request, donePage(said, say(said)))
  },
})
