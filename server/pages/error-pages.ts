import { html } from 'hono/html'
import type { ErrorPages } from '../http/app.ts'
import { deadEndPage, page } from './layout.ts'
import { localeOf } from './locale-of.ts'
import { showPage } from './show-page.ts'

export const notFoundPage = () =>
  page(
    'Not found – Reachable',
    html`<p class="mark" data-kind="off"><span></span>Reachable</p>
      <h1>There is nothing here</h1>
      <p>The address may be mistyped, or the room may belong to a call that nobody answered.</p>
      <p><a href="/">What this server is for</a></p>`,
  )

export const errorPages: ErrorPages = {
  notFound: (context) => context.html(notFoundPage(), 404),
  failed(context) {
    const locale = localeOf(context)
    const { failedTitle: title, failed: text } = locale.texts.pages.trouble
    return showPage(context, deadEndPage(locale, { title, text }), 500)
  },
}
