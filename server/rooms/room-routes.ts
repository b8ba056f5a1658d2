import { html } from 'hono/html'
import { Refused } from '../http/refused.ts'
import type { Context, Route } from '../http/route.ts'
import type { Locale } from '../locales/locale.ts'
import { jsonScript } from '../pages/json-script.ts'
import { deadEndPage, type Html } from '../pages/layout.ts'
import { localeOf } from '../pages/locale-of.ts'
import type { WebBundle } from '../pages/web-bundle.ts'

export interface RoomRouteDependencies {
  /** Whether a call that was answered has this room. */
  readonly isRoom: (room: string) => Promise<boolean>
  /** Whether both are in it. @throws while that cannot be known. */
  readonly isFull: (room: string) => Promise<boolean>
  readonly serverOrigins: () => readonly string[]
  readonly bundle: WebBundle
}

/** What no page of a room may do is what a page that was tricked would do: load, send or frame anything but our own. */
const policy = (origins: readonly string[]) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    // Not every browser takes 'self' for the WebSockets of the same origin. No policy can name an address of IPv6.
    ["connect-src 'self'", ...origins.filter((origin) => !origin.includes('[')).map(socketOrigin)].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const socketOrigin = (origin: string) => origin.replace(/^http/, 'ws')

/** A call's room as a page, and what it loads. Who is in it, and who may come in, its socket tells. */
export const roomRoutes = ({ isRoom, isFull, serverOrigins, bundle }: RoomRouteDependencies): Route[] => [
  bundle.route,
  {
    // For a device on which another call rings meanwhile: whoever has hung up is to hear it.
    method: 'GET',
    path: '/api/rooms/:room',
    admits: 'extension',
    async handle(context) {
      const room = context.req.param('room') ?? ''
      // Whoever guesses asks no other node.
      if (!(await isRoom(room)) || !(await isFull(room)))
        throw new Refused('no-room', 'No two are in such a room.')
      return context.body(null, 204)
    },
  },
  {
    method: 'GET',
    path: '/rooms/:room',
    admits: 'anyone',
    async handle(context) {
      const locale = localeOf(context)
      if (!(await isRoom(context.req.param('room') ?? '')))
        return context.html(deadEndPage(locale, locale.texts.pages.notFound), 404)
      const entry = bundle.entry()
      if (!entry) return unbuilt(context, locale)
      context.header('Content-Security-Policy', policy(serverOrigins()))
      context.header('Permissions-Policy', 'camera=(self), microphone=(self), display-capture=(self)')
      return context.html(roomPage(locale, entry))
    },
  },
]

function unbuilt(context: Context, locale: Locale) {
  const { failedTitle: title, failed: text } = locale.texts.pages.trouble
  return context.html(deadEndPage(locale, { title, text }), 500)
}

const roomPage = (
  { language, texts }: Locale,
  { script, styles }: NonNullable<ReturnType<WebBundle['entry']>>,
): Html => html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="robots" content="noindex" />
    <title>${texts.room.title} – Reachable</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    ${styles.map((href) => html`<link rel="stylesheet" href="${href}" />`)}
    ${jsonScript('texts', texts.room)}
    <script type="module" src="${script}"></script>
  </head>
  <body>
    <div id="room"></div>
    <noscript>
      <main class="card">
        <div class="mark"><img src="/icon.svg" width="22" height="22" alt="" />Reachable</div>
        <h1>${texts.room.title}</h1>
        <p>${texts.room.noScript}</p>
      </main>
    </noscript>
  </body>
</html>`
