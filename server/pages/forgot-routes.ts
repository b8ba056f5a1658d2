import { html } from 'hono/html'
import { requestReset } from '../accounts/link-requests.ts'
import type { Route } from '../http/route.ts'
import type { Locale } from '../locales/locale.ts'
import { type FieldError, questionPage } from './form-fields.ts'
import { formRoute, tooOften } from './form-request.ts'
import { type Html, titledPage } from './layout.ts'
import { localeOf } from './locale-of.ts'
import type { MailedLinkDependencies } from './mailed-link-dependencies.ts'
import { showPage } from './show-page.ts'

const longestLogin = 254

/** Asking for a link to a new password. What is answered does not depend on whether there is such a person. */
export const forgotRoutes = ({
  db,
  secret,
  clock,
  serverOrigins,
  clientOf,
  wake,
}: MailedLinkDependencies): Route[] => [
  {
    method: 'GET',
    path: '/password/forgot',
    admits: 'anyone',
    handle: (context) => showPage(context, forgotPage(localeOf(context))),
  },
  formRoute('/password/forgot', serverOrigins, async (context, form) => {
    const locale = localeOf(context)
    const { missing, tooLong } = locale.texts.pages.forgot
    const login = form.get('login').trim()
    const error = login === '' ? missing : login.length > longestLogin ? tooLong : undefined
    const again = (message: string, status: 422 | 429) =>
      showPage(context, forgotPage(locale, login, [{ field: 'login', message }]), status)
    if (error) return again(error, 422)
    const { address } = clientOf(context.env.incoming)
    const from = { address, language: locale.language }
    const requested = await requestReset({ db, secret }, login, from, clock.wall())
    if (requested.kind === 'too-often') return again(tooOften(context, locale, requested.wait), 429)
    wake()
    return context.redirect(`/password/forgot/sent?language=${locale.language}`, 303)
  }),
  {
    method: 'GET',
    path: '/password/forgot/sent',
    admits: 'anyone',
    handle: (context) => showPage(context, sentPage(localeOf(context))),
  },
]

function forgotPage(locale: Locale, login = '', errors: readonly FieldError[] = []): Html {
  const { login: label, ...texts } = locale.texts.pages.forgot
  const asked = { name: 'login', label, value: login, autocomplete: 'username' }
  return questionPage(locale, texts, asked, errors)
}

/** The same whoever asked for whom. */
function sentPage({ language, texts }: Locale): Html {
  const { sentTitle, sent, nothing, again } = texts.pages.forgot
  return titledPage(
    sentTitle,
    html`<p role="status">${sent}</p>
      <p>${nothing}</p>
      <p><a href="/password/forgot">${again}</a></p>`,
    { language },
  )
}
