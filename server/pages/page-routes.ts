import { readFileSync } from 'node:fs'
import type { Database } from '../database/tables.ts'
import type { Route } from '../http/route.ts'
import { landingPage } from './landing.ts'
import { notFoundPage } from './not-found.ts'
import { roomPage } from './room.ts'

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')

const style = `${read('./pages.css')}\n${read('./forms.css')}\n${read('../my-account/account.css')}`
const script = read('./pages.js')

/** The reachable light: a filled disc. */
const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#14935f"/></svg>'

const kept = { 'Cache-Control': 'max-age=300' }

/** The few pages that a browser can open. */
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
      const room = await roomOf(db, context.req.param('room') ?? '')
      return room ? context.html(roomPage(room)) : context.html(notFoundPage(), 404)
    },
  },
]

/** The token is the only key to a room: 128 random bits, told to the two who talk. */
async function roomOf(db: Database, token: string) {
  const row = await db
    .selectFrom('call')
    .innerJoin('user', 'user.id', 'call.userId')
    .select(['call.from', 'user.name', 'call.endedAt'])
    .where('call.room', '=', token)
    .where('call.state', '=', 'answered')
    .executeTakeFirst()
  return row && { from: row.from, to: row.name, answeredAt: row.endedAt ?? 0 }
}
