import { html } from 'hono/html'
import type * as v from 'valibot'
import type { accountLinkResponse } from '../../protocol/http.ts'
import type { Context, Route } from '../http/route.ts'
import type { Locale } from '../locales/locale.ts'
import { doneRoute } from '../pages/done-route.ts'
import { form } from '../pages/form-fields.ts'
import { formRoute } from '../pages/form-request.ts'
import { deadEndPage, type Html, titledPage } from '../pages/layout.ts'
import { localeOf } from '../pages/locale-of.ts'
import { showPage } from '../pages/show-page.ts'
import { type Person, readPerson } from './person.ts'
import { recordChange } from './record-change.ts'
import type { WebSessionDependencies } from './web-session-middleware.ts'
import { endWebSession, findWebSession, lookAtCode, makeWebSessionCode, redeemCode } from './web-sessions.ts'

/**
 * From the extension to My account, and out again: a device that proves its session gets an address that
 * works once, and the browser that opens it gets a web session.
 */
export function redeemRoutes({
  db,
  clock,
  cookie,
  publicUrl,
  serverOrigins,
  clientOf,
}: WebSessionDependencies): Route[] {
  const webSessionOf = async (context: Context) => {
    const secret = cookie.read(context)
    return secret === undefined ? undefined : findWebSession(db, secret, clock.wall())
  }

  const redeem = async (context: Context) => {
    const now = clock.wall()
    const from = clientOf(context.env.incoming)
    const secret = await redeemCode(db, codeOf(context), now, (transaction, webSession) =>
      recordChange(transaction, 'account-opened', { webSession, now, from }),
    )
    if (secret === undefined) {
      // Opened twice, or "back" was pressed: whoever is there already need not be told off.
      if (await webSessionOf(context)) return context.redirect('/account', 303)
      const locale = localeOf(context)
      return showPage(context, deadEndPage(locale, locale.texts.myAccount.code), 410)
    }
    const older = cookie.read(context)
    if (older !== undefined) await endWebSession(db, older)
    cookie.set(context, secret)
    return context.redirect('/account', 303)
  }

  return [
    {
      method: 'POST',
      path: '/api/account/link',
      admits: 'session',
      async handle(context) {
        const code = await makeWebSessionCode(db, context.get('session').id, clock.wall())
        const url = `${publicUrl()}/account/redeem?code=${code}`
        return context.json({ url } satisfies v.InferInput<typeof accountLinkResponse>)
      },
    },
    {
      method: 'GET',
      path: '/account/redeem',
      admits: 'anyone',
      async handle(context) {
        if (!isLedByAnotherSite(context)) return redeem(context)
        const userId = await lookAtCode(db, codeOf(context), clock.wall())
        if (userId === undefined) return redeem(context)
        const person = await readPerson(db, userId)
        return showPage(context, surePage(localeOf(context, person.language), person))
      },
    },
    formRoute('/account/redeem', serverOrigins, redeem),
    formRoute('/account/leave', serverOrigins, async (context) => {
      const secret = cookie.read(context)
      if (secret !== undefined) await endWebSession(db, secret)
      cookie.clearWithSiteData(context)
      return context.redirect(`/account/left?language=${localeOf(context).language}`, 303)
    }),
    doneRoute('/account/left', ({ myAccount: { left } }) => left),
    doneRoute('/account/out', ({ myAccount: { out } }) => out),
    doneRoute('/account/deleted', ({ myAccount: { remove } }) => ({
      title: remove.doneTitle,
      text: remove.done,
    })),
  ]
}

const codeOf = (context: Context): string => context.req.query('code') ?? ''

/** Another site may lead somebody into the pages of whoever owns that site, to have them type there. */
const isLedByAnotherSite = (context: Context) =>
  ['cross-site', 'same-site'].includes(context.req.header('sec-fetch-site') ?? '')

/** Asks somebody whom another site led here whether these are their pages. Its form keeps the code's address. */
function surePage(
  { language, texts }: Locale,
  { name, username, email }: Pick<Person, 'name' | 'username' | 'email'>,
): Html {
  const { title, text, button } = texts.myAccount.sure
  return titledPage(
    title,
    html`<p>${text(name, username ?? email)}</p>
      ${form({ button: button(name) })}`,
    { language },
  )
}
