import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { html } from 'hono/html'
import { appMark, appView } from '../../design/app-mark.ts'
import { isForExtension, isLoopback } from '../../protocol/loopback.ts'
import { isFromThisMachine } from '../http/client-address.ts'
import type { Route } from '../http/route.ts'
import type { Locale, Texts } from '../locales/locale.ts'
import { notFoundPage } from './error-pages.ts'
import { type Html, titledPage } from './layout.ts'
import { localeOf } from './locale-of.ts'
import { showLivelyPage } from './show-page.ts'

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')

const style = [
  '../../design/tokens.css',
  '../../design/base.css',
  './pages.css',
  './forms.css',
  './my-account.css',
]
  .map(read)
  .join('\n')
const script = read('./pages.js')

/** The app's mark, and never a light: a page that is only open has proven nothing. */
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${appView(16)}">${appMark}</svg>`

const cached = { 'Cache-Control': 'max-age=300' }

/** A call that was answered. */
export interface Room {
  readonly from: string
  readonly to: string
  /** Wall-clock ms. */
  readonly answeredAt: number
}

/** @returns the call of this room; undefined when there is none that was answered. */
export type FindRoom = (token: string) => Promise<Room | undefined>

export interface PageDependencies {
  /** What people and devices use. */
  readonly publicUrl: () => string
  /** Undefined where answered calls meet in rooms of ours, which are no such pages. */
  readonly findRoom: FindRoom | undefined
}

/** The pages that know nobody, and what every page is made with. */
export const pageRoutes = ({ publicUrl, findRoom }: PageDependencies): Route[] => [
  {
    method: 'GET',
    path: '/',
    admits: 'anyone',
    handle(context) {
      const address = addressFor(context.env.incoming, publicUrl())
      return showLivelyPage(context, landingPage(localeOf(context), address))
    },
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
  ...(findRoom ? [answeredCallRoute(findRoom)] : []),
]

const answeredCallRoute = (findRoom: FindRoom): Route => ({
  method: 'GET',
  path: '/rooms/:room',
  admits: 'anyone',
  async handle(context) {
    const room = await findRoom(context.req.param('room') ?? '')
    const locale = localeOf(context)
    if (!room) return context.html(notFoundPage(locale), 404)
    return showLivelyPage(context, answeredCallPage(locale, room))
  },
})

/**
 * @returns the server's address, if whoever asks can use it: Reachable must take it, and this machine's own leads
 * somebody else to theirs.
 */
function addressFor(incoming: IncomingMessage, publicUrl: string): string | undefined {
  if (!isForExtension(publicUrl)) return undefined
  if (isLoopback(new URL(publicUrl).hostname) && !isFromThisMachine(incoming)) return undefined
  return publicUrl
}

/**
 * For whoever was told "put in your server's address", and for whoever found this by chance.
 *
 * @param address undefined where none is known that is right for whoever reads this.
 */
function landingPage({ language, texts }: Locale, address: string | undefined): Html {
  const labels = texts.pages.landing
  return titledPage(
    labels.title,
    html`<p>${labels.about}</p>
      <h2>${labels.address}</h2>
      ${address === undefined ? html`<p>${labels.askForAddress}</p>` : addressToCopy(labels, address)}
      <h2>${labels.stepsTitle}</h2>
      <ol>
        ${labels.steps.map((step) => html`<li>${step}</li>`)}
      </ol>`,
    { language, back: 'nowhere', lively: true },
  )
}

const addressToCopy = (labels: Texts['pages']['landing'], address: string): Html =>
  html`<p>${labels.addressUse}</p>
    <p class="address">
      <code id="address">${address}</code>
      <button
        type="button"
        class="button"
        hidden
        data-copies="address"
        data-copied="${labels.copied}"
        data-by-hand="${labels.byHand}"
      >
        ${labels.copy}
      </button>
    </p>
    <p class="note" role="status"></p>`

/**
 * Where people meet elsewhere, the address of a room of ours, in which they met before that: a page that says who called and
 * who answered. Of whether this call had another meeting room nothing is known.
 */
function answeredCallPage({ language, texts }: Locale, { from, to, answeredAt }: Room): Html {
  const labels = texts.pages.room
  const at = new Date(answeredAt).toISOString()
  return titledPage(
    labels.title,
    html`<dl>
        <div><dt>${labels.from}</dt><dd>${from}</dd></div>
        <div><dt>${labels.to}</dt><dd>${to}</dd></div>
        <div><dt>${labels.at}</dt><dd><time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time></dd></div>
      </dl>
      <p class="note">${texts.pages.ready}</p>`,
    { language, tab: labels.of(from, to), lively: true },
  )
}
