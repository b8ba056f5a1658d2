import type { Route } from '../http/route.ts'
import type { Texts } from '../locales/locale.ts'
import { donePage, type Notice } from './layout.ts'
import { localeOf } from './locale-of.ts'
import { showPage } from './show-page.ts'

/** The page to which a form that did its work leads, so that loading it again sends nothing again. */
export const doneRoute = (path: string, noticeIn: (texts: Texts) => Notice): Route => ({
  method: 'GET',
  path,
  admits: 'anyone',
  handle(context) {
    const locale = localeOf(context)
    return showPage(context, donePage(locale, noticeIn(locale.texts)))
  },
})
