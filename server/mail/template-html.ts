import { html } from 'hono/html'
import type { Language } from '../locales/language.ts'
import type { MailTemplate, Part } from './template.ts'

/** Mail programs know little CSS: colours stand on the elements, and only the dark ones in a sheet. */
const dark = `@media (prefers-color-scheme: dark) {
  .ground { background: #0f1613 !important } .card { background: #18211d !important; border-color: #2d3a34 !important }
  .ink { color: #ecf2ef !important } .soft { color: #b3c1ba !important } .hair { border-color: #2d3a34 !important }
  .button { background: #35c488 !important; color: #06130d !important } .plain { color: #6fd6a8 !important }
}`

/** A mail as a page: one column, one button, nothing loaded from anywhere. */
export const templateHtml = (
  { subject, greeting, parts, footer }: MailTemplate,
  language: Language,
): string =>
  String(html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${subject}</title>
    <style>${dark}</style>
  </head>
  <body class="ground" style="margin:0;padding:24px 12px;background:#f4f6f5">
    <div class="card" role="main" style="max-width:520px;margin:0 auto;padding:32px;background:#ffffff;border:1px solid #d5ddd9;border-radius:16px;font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
      <p class="soft" style="margin:0 0 20px;color:#47564f;font-weight:600"><span aria-hidden="true" style="color:#14935f">&#9679;</span> Reachable</p>
      <h1 class="ink" style="margin:0 0 16px;color:#14211c;font-size:24px;line-height:1.25">${subject}</h1>
      <p class="ink" style="margin:0 0 12px;color:#14211c">${greeting}</p>
      ${parts.map(partHtml)}
      <p class="soft hair" style="margin:28px 0 0;padding-top:16px;border-top:1px solid #d5ddd9;color:#47564f;font-size:13px">${footer}</p>
    </div>
  </body>
</html>`)

function partHtml(part: Part) {
  switch (part.kind) {
    case 'text':
      return html`<p class="ink" style="margin:0 0 12px;color:#14211c">${part.text}</p>`
    case 'note':
      return html`<p class="soft" style="margin:0 0 12px;color:#47564f;font-size:15px">${part.text}</p>`
    case 'fact':
      return html`<p class="ink" style="margin:0 0 12px;color:#14211c">${part.label}: <strong style="overflow-wrap:anywhere">${part.value}</strong></p>`
    case 'list':
      return html`<ul class="ink" style="margin:0 0 12px;padding-left:20px;color:#14211c">${part.items.map((item) => html`<li>${item}</li>`)}</ul>`
    case 'button':
      return html`<p style="margin:20px 0"><a class="button" href="${part.url}" style="display:inline-block;padding:12px 22px;background:#0b6b46;color:#ffffff;border-radius:10px;font-weight:600;text-decoration:none">${part.label}</a></p>
      <p class="soft" style="margin:0 0 16px;color:#47564f;font-size:13px;overflow-wrap:anywhere">${part.orCopy}<br /><a class="plain" href="${part.url}" style="color:#0b6b46">${part.url}</a></p>`
  }
}
