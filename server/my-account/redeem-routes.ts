import type { Context, Route } from '../http/route.ts'
import { formRoute } from '../pages/form-request.ts'
import { deadEndPage, donePage } from '../pages/notice-page.ts'
import { showPage } from '../pages/show-page.ts'
import { recordChange } from './account-change.ts'
import { type AccountLocale, accountLocaleOf } from './account-locale.ts'
import { readPerson } from './person.ts'
import { redeemPage } from './redeem-page.ts'
import type { WebSessionDependencies } from './web-session-middleware.ts'
import { endWebSession, findWebSession, lookAtCode, redeem } from './web-sessions.ts'

/** Coming to the account pages by a one-time code, and leaving them. */
export function redeemRoutes({ db, clock, cookie, publicUrl, clientOf }: WebSessionDependencies): Route[] {
  const webSessionOf = async (context: Context) => {
    const secret = cookie.read(context)
    return secret === undefined ? undefined : findWebSession(db, secret, clock.wall())
  }

  const comeIn = async (context: Context) => {
    const now = clock.wall()
    const from = clientOf(context.env.incoming)
    const secret = await redeem(db, context.req.query('code') ?? '', now, (transaction, webSession) =>
      recordChange(transaction, 'account-opened', { webSession, now, from }),
    )
    if (secret === undefined) {
      // Opened twice, or "back" was pressed: whoever is there already need not be told off.
      if (await webSessionOf(context)) return context.redirect('/account', 303)
      const locale = accountLocaleOf(context)
      return showPage(context, deadEndPage(locale, locale.own.code), 410)
    }
    const older = cookie.read(context)
    if (older !== undefined) await endWebSession(db, older)
    cookie.give(context, secret)
    return context.redirect('/account', 303)
  }

  return [
    {
      method: 'GET',
      path: '/account/redeem',
      admits: 'anyone',
      async handle(context) {
        if (!isLedByAnotherSite(context)) return comeIn(context)
        const userId = await lookAtCode(db, context.req.query('code') ?? '', clock.wall())
        if (userId === undefined) return comeIn(context)
        const person = await readPerson(db, userId)
        return showPage(context, redeemPage(accountLocaleOf(context, person.language), person))
      },
    },
    formRoute('/account/redeem', publicUrl, comeIn),
    formRoute('/account/leave', publicUrl, async (context) => {
      const secret = cookie.read(context)
      if (secret !== undefined) await endWebSession(db, secret)
      cookie.take(context)
      return context.redirect(`/account/left?language=${accountLocaleOf(context).language}`, 303)
    }),
    notice('/account/left', ({ own }) => own.left),
    notice('/account/out', ({ own }) => own.out),
    notice('/account/deleted', ({ own: { remove } }) => ({ title: remove.doneTitle, words: remove.done })),
  ]
}

/** Another site may lead somebody into the pages of whoever owns that site, to have them type there. */
const isLedByAnotherSite = (context: Context) =>
  ['cross-site', 'same-site'].includes(context.req.header('sec-fetch-site') ?? '')

const notice = (path: string, say: (locale: AccountLocale) => { title: string; words: string }): Route => ({
  method: 'GET',
  path,
  admits: 'anyone',
  handle(context) {
    const locale = accountLocaleOf(context)
    return showPage(context, donePage(locale, say(locale)))
  },
})
