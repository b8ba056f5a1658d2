import { askReset } from '../accounts/ask-by-mail.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Context, Route } from '../http/route.ts'
import { forgotPage, forgotSentPage } from './forgot-pages.ts'
import { formRoute } from './form-request.ts'
import { localeOf } from './page-language.ts'
import { showPage } from './show-page.ts'
import { tooOften } from './too-often.ts'

export interface AskDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly publicUrl: () => string
  readonly clientAddressOf: (context: Context) => string
  /** Something was put into the outbox. */
  readonly wake: () => void
}

const longestLogin = 254

/** Asking for a link to a new password. What is answered does not depend on whether there is such a person. */
export const forgotRoutes = ({ db, clock, publicUrl, clientAddressOf, wake }: AskDependencies): Route[] => [
  {
    method: 'GET',
    path: '/password/forgot',
    admits: 'anyone',
    handle: (context) => showPage(context, forgotPage(localeOf(context))),
  },
  formRoute('/password/forgot', publicUrl, async (context, form) => {
    const locale = localeOf(context)
    const { missing, tooLong } = locale.words.forgot
    const login = form.get('login').trim()
    const error = login === '' ? missing : login.length > longestLogin ? tooLong : undefined
    const again = (words: string, status: 422 | 429) =>
      showPage(context, forgotPage(locale, login, [{ field: 'login', words }]), status)
    if (error) return again(error, 422)
    const asker = { address: clientAddressOf(context), language: locale.language }
    const asked = await askReset(db, login, asker, clock.wall())
    if (asked.kind === 'too-often') return again(tooOften(context, locale.words, asked.retryAfter), 429)
    wake()
    return context.redirect(`/password/forgot/sent?language=${locale.language}`, 303)
  }),
  {
    method: 'GET',
    path: '/password/forgot/sent',
    admits: 'anyone',
    handle: (context) => showPage(context, forgotSentPage(localeOf(context))),
  },
]
