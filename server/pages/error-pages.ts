import { html } from 'hono/html'
import type { ErrorPages } from '../http/app.ts'
import type { Locale } from '../locales/locale.ts'
import { deadEndPage, type Html, titledPage } from './layout.ts'
import { localeOf } from './locale-of.ts'
import { showPage } from './show-page.ts'

export function notFoundPage({ language, texts }: Locale): Html {
  const { title, text, home } = texts.pages.notFound
  return titledPage(
    title,
    html`<p>${text}</p>
      <p><a href="/">${home}</a></p>`,
    { language },
  )
}

export const errorPages: ErrorPages = {
  notFound: (context) => context.html(notFoundPage(localeOf(context)), 404),
  failed(context) {
    const locale = localeOf(context)
    const { failedTitle: title, failed: text } = locale.texts.pages.trouble
    return showPage(context, deadEndPage(locale, { title, text }), 500)
  },
  busy(context, retryAfter) {
    const locale = localeOf(context)
    const { busyTitle: title, busy: text } = locale.texts.pages.trouble
    context.header('Retry-After', String(retryAfter))
    return showPage(context, deadEndPage(locale, { title, text }), 429)
  },
}
