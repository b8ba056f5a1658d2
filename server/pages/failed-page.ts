import type { Context } from '../http/route.ts'
import { deadEndPage } from './notice-page.ts'
import { localeOf } from './page-language.ts'
import { showPage } from './show-page.ts'

/** What a person sees of a fault that nobody foresaw: nothing of its inside. */
export function failedPage(context: Context) {
  const locale = localeOf(context)
  const { failedTitle: title, failed: words } = locale.words.trouble
  return showPage(context, deadEndPage(locale, { title, words }), 500)
}
