import { readFileSync } from 'node:fs'
import { html } from 'hono/html'
import type { Database } from '../database/tables.ts'
import type { Route } from '../http/route.ts'
import { notFoundPage } from './error-pages.ts'
import { type Html, page } from './layout.ts'

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')

const style = `${read('./pages.css')}\n${read('./forms.css')}\n${read('./account.css')}`
const script = read('./pages.js')

/** The shape of reachable: a filled disc. */
const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#14935f"/></svg>'

const kept = { 'Cache-Control': 'max-age=300' }

/** The pages that know nobody, and what every page is made with. */
export const pageRoutes = (db: Database): Route[] => [
  { method: 'GET', path: '/', admits: 'anyone', handle: (context) => context.html(landingPage()) },
  {
    method: 'GET',
    path: '/pages.css',
    admits: 'anyone',
    handle: (context) => context.body(style, 200, { 'Content-Type': 'text/css; charset=utf-8', ...kept }),
  },
  {
    method: 'GET',
    path: '/pages.js',
    admits: 'anyone',
    handle: (context) =>
      context.body(script, 200, { 'Content-Type': 'text/javascript; charset=utf-8', ...kept }),
  },
  {
    method: 'GET',
    path: '/icon.svg',
    admits: 'anyone',
    handle: (context) => context.body(icon, 200, { 'Content-Type': 'image/svg+xml', ...kept }),
  },
  {
    method: 'GET',
    path: '/rooms/:room',
    admits: 'anyone',
    async handle(context) {
      const room = await findRoom(db, context.req.param('room') ?? '')
      return room ? context.html(roomPage(room)) : context.html(notFoundPage(), 404)
    },
  },
]

const landingPage = (): Html =>
  page(
    'Reachable',
    html`<p class="mark"><span></span>Reachable</p>
      <h1>This server is running</h1>
      <p>
        Reachable is a light in the browser’s toolbar that tells its user, truthfully, whether calls can
        reach them, and that rings when one comes. This is the server behind the light. There is nothing to
        sign in to on this page.
      </p>
      <h2>To be reachable</h2>
      <ol>
        <li>Add the Reachable extension to your browser and pin its icon to the toolbar.</li>
        <li>Open it and log in with the username and password you were given.</li>
        <li>A green disc means that a call has just been proven to get through to you.</li>
      </ol>`,
  )

interface Room {
  readonly from: string
  readonly to: string
  /** Wall-clock ms. */
  readonly answeredAt: number
}

/** The token is the only key to a room: 128 random bits, told to the two who talk. */
async function findRoom(db: Database, token: string): Promise<Room | undefined> {
  const row = await db
    .selectFrom('call')
    .innerJoin('user', 'user.id', 'call.userId')
    .select(['call.from', 'user.name', 'call.endedAt'])
    .where('call.room', '=', token)
    .where('call.state', '=', 'answered')
    .executeTakeFirst()
  return row && { from: row.from, to: row.name, answeredAt: row.endedAt ?? 0 }
}

/** Where a call leads while no video room is configured: a page that says who is talking to whom. */
function roomPage({ from, to, answeredAt }: Room): Html {
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
