import type { ErrorPages } from '../http/app.ts'
import type { Locale } from '../locales/locale.ts'
import { deadEndPage, type Html } from './layout.ts'
import { localeOf } from './locale-of.ts'
import { showPage } from './show-page.ts'

export const notFoundPage = (locale: Locale): Html => deadEndPage(locale, locale.texts.pages.notFound)

export const errorPages: ErrorPages = {
  notFound: (context) => context.html(notFoundPage(localeOf(context)), 404),
  failed(context) {
    const locale = localeOf(context)
    const { failedTitle: title, failed: text } = locale.texts.pages.trouble
    return showPage(context, deadEndPage(locale, { title, text }), 500)
  },
  busy(context, { retryAfter, status }) {
    const locale = localeOf(context)
    const { busyTitle: title, busy: text } = locale.texts.pages.trouble
    context.header('Retry-After', String(retryAfter))
    return showPage(context, deadEndPage(locale, { title, text }), status)
  },
}
