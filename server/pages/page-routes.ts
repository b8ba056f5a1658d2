import { readFileSync } from 'node:fs'
import { html } from 'hono/html'
import type { Database } from '../database/tables.ts'
import type { Route } from '../http/route.ts'
import type { Locale } from '../locales/locale.ts'
import { notFoundPage } from './error-pages.ts'
import { type Html, titledPage } from './layout.ts'
import { localeOf } from './locale-of.ts'

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')

const style = `${read('./pages.css')}\n${read('./forms.css')}\n${read('./my-account.css')}`
const script = read('./pages.js')

/** The shape of reachable: a filled disc. */
const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#14935f"/></svg>'

const cached = { 'Cache-Control': 'max-age=300' }

/** The pages that know nobody, and what every page is made with. */
export const pageRoutes = (db: Database): Route[] => [
  {
    method: 'GET',
    path: '/',
    admits: 'anyone',
    handle: (context) => context.html(landingPage(localeOf(context))),
  },
  {
    method: 'GET',
    path: '/pages.css',
    admits: 'anyone',
    handle: (context) => context.body(style, 200, { 'Content-Type': 'text/css; charset=utf-8', ...cached }),
  },
  {
    method: 'GET',
    path: '/pages.js',
    admits: 'anyone',
    handle: (context) =>
      context.body(script, 200, { 'Content-Type': 'text/javascript; charset=utf-8', ...cached }),
  },
  {
    method: 'GET',
    path: '/icon.svg',
    admits: 'anyone',
    handle: (context) => context.body(icon, 200, { 'Content-Type': 'image/svg+xml', ...cached }),
  },
  {
    method: 'GET',
    path: '/rooms/:room',
    admits: 'anyone',
    async handle(context) {
      const room = await findRoom(db, context.req.param('room') ?? '')
      const locale = localeOf(context)
      return room ? context.html(roomPage(locale, room)) : context.html(notFoundPage(locale), 404)
    },
  },
]

function landingPage({ language, texts }: Locale): Html {
  const { title, about, stepsTitle, steps } = texts.pages.landing
  return titledPage(
    title,
    html`<p>${about}</p>
      <h2>${stepsTitle}</h2>
      <ol>
        ${steps.map((step) => html`<li>${step}</li>`)}
      </ol>`,
    { language },
  )
}

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
function roomPage({ language, texts }: Locale, { from, to, answeredAt }: Room): Html {
  const words = texts.pages.room
  const at = new Date(answeredAt).toISOString()
  return titledPage(
    words.title,
    html`<dl>
        <div><dt>${words.from}</dt><dd>${from}</dd></div>
        <div><dt>${words.to}</dt><dd>${to}</dd></div>
        <div><dt>${words.at}</dt><dd><time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time></dd></div>
      </dl>
      <p class="note">${words.note} <code>ROOM_URL</code></p>`,
    { language, tab: words.of(from, to) },
  )
}
