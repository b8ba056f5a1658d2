import { html } from 'hono/html'
import { page } from './layout.ts'

export const notFoundPage = () =>
  page(
    'Not found – Reachable',
    html`<p class="mark" data-kind="off"><span></span>Reachable</p>
      <h1>There is nothing here</h1>
      <p>The address may be mistyped, or the room may belong to a call that nobody answered.</p>
      <p><a href="/">What this server is for</a></p>`,
  )
