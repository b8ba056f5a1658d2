import { html } from 'hono/html'
import { accountPage, type Html } from './layout.ts'
import type { Locale } from './page-language.ts'

export interface Notice {
  readonly title: string
  readonly words: string
  /** The one thing to do about it. */
  readonly action?: { readonly label: string; readonly href: string }
  /** What to do that no link leads to. */
  readonly advice?: string
}

/** It is done: a page that says so. */
export const donePage = ({ language, words }: Locale, notice: Notice): Html =>
  accountPage(notice.title, html`<p role="status">${notice.words}</p><p class="note">${words.ready}</p>`, {
    language,
  })

/** It cannot be done: a page that says why, and what to do. */
export const deadEndPage = ({ language }: Pick<Locale, 'language'>, notice: Notice): Html =>
  accountPage(
    notice.title,
    html`<p>${notice.words}</p>
      ${notice.advice ? html`<p>${notice.advice}</p>` : ''}
      ${notice.action ? html`<p><a class="button" href="${notice.action.href}">${notice.action.label}</a></p>` : ''}`,
    { language, kind: 'off' },
  )
