import { html } from 'hono/html'
import { page } from './layout.ts'

export interface Room {
  readonly from: string
  readonly to: string
  /** Wall-clock ms. */
  readonly answeredAt: number
}

/** Where a call leads while no video room is configured: a page that says who is talking to whom. */
export const roomPage = ({ from, to, answeredAt }: Room) => {
  const at = new Date(answeredAt).toISOString()
  return page(
    `${from} and ${to} – Reachable`,
    html`<p class="mark"><span></span>Reachable</p>
      <h1>Call answered</h1>
      <dl>
        <div><dt>Calling</dt><dd>${from}</dd></div>
        <div><dt>Answered by</dt><dd>${to}</dd></div>
        <div><dt>Answered at</dt><dd><time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time></dd></div>
      </dl>
      <p class="note">
        No meeting room is set up on this server yet, so this page stands in for it. Its operator can name
        one with <code>ROOM_URL</code>.
      </p>`,
  )
}
