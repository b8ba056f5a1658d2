import { html } from 'hono/html'
import type { Language } from '../locales/language.ts'
import { darkColours, lightColours } from './mail-colours.ts'

/** What a mail says, before it is text or HTML: the one source of both. */
export interface MailTemplate {
  readonly subject: string
  readonly greeting: string
  readonly parts: readonly Part[]
  /** Who sends this, at the very end. */
  readonly footer: string
}

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** Something to look up: a username, a time. */
  | { readonly kind: 'fact'; readonly label: string; readonly value: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** `orCopy` comes before the address itself, for those who see no button. */
  | { readonly kind: 'button'; readonly label: string; readonly url: string; readonly orCopy: string }
  /** Said more quietly. */
  | { readonly kind: 'note'; readonly text: string }

export const text = (sentence: string): Part => ({ kind: 'text', text: sentence })
export const note = (sentence: string): Part => ({ kind: 'note', text: sentence })

/** A mail for whoever reads mails as plain text. */
export const renderText = ({ greeting, parts, footer }: MailTemplate): string =>
  [oneLine(greeting), ...parts.map(partText), `-- \n${footer}`].join('\n\n').concat('\n')

function partText(part: Part): string {
  switch (part.kind) {
    case 'text':
    case 'note':
      return part.text
    case 'fact':
      return `${part.label}: ${oneLine(part.value)}`
    case 'list':
      return part.items.map((item) => `* ${oneLine(item)}`).join('\n')
    case 'button':
      return `${part.label}:\n${part.url}`
  }
}

/** What came from elsewhere cannot pass itself off as another paragraph. */
const oneLine = (value: string) => value.replaceAll(/\s+/g, ' ').trim()

/** Mail programs know little CSS: colours stand on the elements, and only the dark ones in a sheet. */
const dark = `@media (prefers-color-scheme: dark) {
  .ground { background: ${darkColours.ground} !important }
  .card { background: ${darkColours.card} !important; border-color: ${darkColours.hair} !important }
  .ink { color: ${darkColours.ink} !important } .quiet { color: ${darkColours.quiet} !important }
  .hair { border-color: ${darkColours.hair} !important }
  .button { background: ${darkColours.accent} !important; color: ${darkColours['on-accent']} !important }
  .accent { color: ${darkColours.accent} !important }
}`

const { ground, card, ink, quiet, hair, accent, 'on-accent': onAccent } = lightColours

/** A mail as a page: one column, one button, nothing loaded from anywhere. */
export const renderHtml = ({ subject, greeting, parts, footer }: MailTemplate, language: Language): string =>
  String(html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${subject}</title>
    <style>${dark}</style>
  </head>
  <body class="ground" style="margin:0;padding:24px 12px;background:${ground}">
    <div class="card" role="main" style="max-width:520px;margin:0 auto;padding:32px;background:${card};border:1px solid ${hair};border-radius:14px;font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
      <p class="accent" style="margin:0 0 20px;color:${accent};font-size:18px;font-weight:700">Reachable</p>
      <h1 class="ink" style="margin:0 0 16px;color:${ink};font-size:24px;line-height:1.25">${subject}</h1>
      <p class="ink" style="margin:0 0 12px;color:${ink}">${greeting}</p>
      ${parts.map(partHtml)}
      <p class="quiet hair" style="margin:28px 0 0;padding-top:16px;border-top:1px solid ${hair};color:${quiet};font-size:13px">${footer}</p>
    </div>
  </body>
</html>`)

function partHtml(part: Part) {
  switch (part.kind) {
    case 'text':
      return html`<p class="ink" style="margin:0 0 12px;color:${ink}">${part.text}</p>`
    case 'note':
      return html`<p class="quiet" style="margin:0 0 12px;color:${quiet};font-size:15px">${part.text}</p>`
    case 'fact':
      return html`<p class="ink" style="margin:0 0 12px;color:${ink}">${part.label}: <strong style="overflow-wrap:anywhere">${part.value}</strong></p>`
    case 'list':
      return html`<ul class="ink" style="margin:0 0 12px;padding-left:20px;color:${ink}">${part.items.map((item) => html`<li>${item}</li>`)}</ul>`
    case 'button':
      return html`<p style="margin:20px 0"><a class="button" href="${part.url}" style="display:inline-block;padding:12px 22px;background:${accent};color:${onAccent};border-radius:9px;font-weight:600;text-decoration:none">${part.label}</a></p>
      <p class="quiet" style="margin:0 0 16px;color:${quiet};font-size:13px;overflow-wrap:anywhere">${part.orCopy}<br /><a class="accent" href="${part.url}" style="color:${accent}">${part.url}</a></p>`
  }
}
