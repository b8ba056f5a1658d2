import { html, raw } from 'hono/html'
import type { Html } from './layout.ts'

/**
 * What a page gives its script, which reads the text of the element with this id. Browsers run nothing of it. Inside an element
 * `script` they look for nothing but `<`: so no text has one, whoever wrote it, and none ends the element or begins a comment.
 */
export const jsonScript = (id: string, data: unknown): Html =>
  html`<script type="application/json" id="${id}">${raw(JSON.stringify(data).replaceAll('<', '\\u003c'))}</script>`
