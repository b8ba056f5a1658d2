import { html } from 'hono/html'
import type { Language } from '../locales/language.ts'
import { type Locale, localeIn } from '../locales/locale.ts'

export type Html = ReturnType<typeof html>

export interface PageOptions {
  readonly language?: Language
  /** Whether the page loads `/pages.js`, which makes its forms livelier; they work without. */
  readonly lively?: boolean
  /** What it loads besides, each by its address. */
  readonly styles?: readonly string[]
  /** Modules, so that they run once the page is there. */
  readonly scripts?: readonly string[]
  /** The class of its body. */
  readonly body?: string
  /** After how many seconds it is loaded anew where scripts do not run. */
  readonly reloads?: number
}

/** The frame of every page: one column, one heading. */
export const page = (title: string, content: Html, options: PageOptions = {}): Html => html`<!doctype html>
<html lang="${options.language ?? 'en'}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="robots" content="noindex" />
    <title>${title}</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/pages.css" />
    ${(options.styles ?? []).map((href) => html`<link rel="stylesheet" href="${href}" />`)}
    ${options.lively ? html`<script src="/pages.js" defer></script>` : ''}
    ${(options.scripts ?? []).map((src) => html`<script type="module" src="${src}"></script>`)}
    ${
      options.reloads === undefined
        ? ''
        : html`<noscript><meta http-equiv="refresh" content="${options.reloads}" /></noscript>`
    }
  </head>
  <body${options.body ? html` class="${options.body}"` : ''}>
    <main>${content}</main>
  </body>
</html>`

export interface Link {
  readonly href: string
  readonly label: string
}

export interface TitledPageOptions extends PageOptions {
  /** The page that this one belongs to, linked at its end: the server's own by default, and none for that one. */
  readonly back?: Link | 'nowhere'
  /** What the browser's tab says instead of the title. */
  readonly tab?: string
}

/** A page whose title is its heading too, under the mark. */
export const titledPage = (title: string, content: Html, options: TitledPageOptions = {}): Html => {
  const { language = 'en', tab } = options
  const back = options.back ?? { href: '/', label: localeIn(language).texts.pages.home }
  return page(
    `${tab ?? title} – Reachable`,
    html`<p class="mark"><img src="/icon.svg" width="22" height="22" alt="" />Reachable</p>
      <h1>${title}</h1>
      ${content}
      ${back === 'nowhere' ? '' : html`<p class="back"><a href="${back.href}">${back.label}</a></p>`}`,
    options,
  )
}

export interface Notice {
  readonly title: string
  readonly text: string
  /** The one thing to do about it. */
  readonly action?: { readonly label: string; readonly href: string }
  /** What to do that no link leads to. */
  readonly advice?: string
}

/** It is done: a page that says so. */
export const donePage = ({ language, texts }: Locale, { title, text }: Notice): Html =>
  titledPage(title, html`<p role="status">${text}</p><p class="note">${texts.pages.ready}</p>`, { language })

/** It cannot be done: a page that says why, and what to do. */
export const deadEndPage = ({ language }: Locale, { title, text, action, advice }: Notice): Html =>
  titledPage(
    title,
    html`<p>${text}</p>
      ${advice ? html`<p>${advice}</p>` : ''}
      ${action ? html`<p><a class="button button--primary" href="${action.href}">${action.label}</a></p>` : ''}`,
    { language },
  )
