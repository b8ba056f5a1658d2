import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { nameError, normalizedName } from '../../protocol/display-name.ts'
import { readSigned, sign } from '../accounts/secrets.ts'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../clock.ts'
import type { PlaceRow } from '../database/place-tables.ts'
import { Refused, refusalOfError } from '../http/refused.ts'
import type { Context, Route } from '../http/route.ts'
import type { Log } from '../log.ts'
import { type Form, formRoute, tooOften } from '../pages/form-request.ts'
import { deadEndPage, type Html, titledPage } from '../pages/layout.ts'
import { localeOf } from '../pages/locale-of.ts'
import type { WebBundle } from '../pages/web-bundle.ts'
import { deliveredBefore, deliverLeft } from './left-message.ts'
import { lightImage } from './light-image.ts'
import type { SeenPlace } from './place-lights.ts'
import {
  embeddingPage,
  embedPage,
  placePage,
  type TypedMessage,
  typedAgainPage,
  typedErrors,
} from './place-page.ts'
import { lookedAt, noSuchPlace, type PlaceDependencies, readableByAll, slugOf } from './place-routes.ts'
import { isBlocked, originsOf } from './place-rows.ts'
import { doCounted } from './visitor-limits.ts'

export interface ReachDependencies extends PlaceDependencies {
  readonly clock: Clock
  readonly log: Pick<Log, 'warn' | 'error'>
  /** Of this installation. */
  readonly secret: string
  readonly bus: Pick<Bus, 'publish'>
  readonly publicUrl: () => string
  readonly serverOrigins: () => readonly string[]
  /** The page's script. */
  readonly bundle: WebBundle
}

const style = readFileSync(new URL('./place.css', import.meta.url), 'utf8')

/** Nothing but what is ours. @param framedBy who may show it in a frame. */
const policy = (framedBy: readonly string[], submits: boolean) =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    `form-action ${submits ? "'self'" : "'none'"}`,
    `frame-ancestors ${framedBy.length === 0 ? "'none'" : framedBy.join(' ')}`,
  ].join('; ')

/** What only whoever left a message is given: that it was delivered. */
const leftPurpose = 'message-left'

function showForm(context: Context, page: Html, status: ContentfulStatusCode) {
  context.header('Content-Security-Policy', policy([], true))
  // Our own server has to know its own forms; others learn nothing of who looked.
  context.header('Referrer-Policy', 'strict-origin')
  return context.html(page, status)
}

function typedIn(form: Form): TypedMessage {
  const key = form.get('key')
  return {
    name: normalizedName(form.get('name')),
    wayBack: normalizedName(form.get('wayBack')),
    // A browser sends two characters for each end of a line, and counts one.
    text: form.get('text').replaceAll('\r\n', '\n').trim(),
    key: /^[\w-]{16,64}$/.test(key) ? key : randomUUID(),
  }
}

const emptyMessage = (): TypedMessage => ({ name: '', wayBack: '', text: '', key: randomUUID() })

/** The pages of a place, which nobody signs in to. */
export function reachRoutes(dependencies: ReachDependencies): Route[] {
  const { db, bus, clock, clientOf, limits, work, counts, secret, bundle } = dependencies
  const { log, canTalk, publicUrl, serverOrigins } = dependencies
  const script = () => bundle.entry()?.script

  const show = (
    context: Context,
    { light }: SeenPlace,
    typed: TypedMessage = emptyMessage(),
    status: 200 | 422 | 429 | 503 = 200,
  ) => {
    const options = { light, script: script(), canTalk: canTalk(), typed }
    return showForm(context, placePage(localeOf(context), options), status)
  }

  const refuse = (context: Context, why: 'shut' | 'blocked', { slug, name }: PlaceRow) => {
    const locale = localeOf(context)
    const { message } = locale.texts.places
    const action = { label: message.back(name), href: `/reach/${slug}` }
    const notice = { title: message.blockedTitle, text: message[why](name), action }
    return context.html(deadEndPage(locale, notice), 403)
  }

  const tellDelivered = (context: Context, { id, slug }: PlaceRow, key: string) => {
    const told = new URLSearchParams({
      message: sign(secret, leftPurpose, key, id),
      language: localeOf(context).language,
    })
    return context.redirect(`/reach/${slug}/delivered?${told}`, 303)
  }

  /** A page of a place that is there. */
  const page = (path: string, handle: Route['handle']): Route => ({
    method: 'GET',
    path,
    admits: 'anyone',
    handle: (context) => orSaid(context, async () => handle(context)),
  })

  const leave = async (context: Context, typed: TypedMessage, proof: string) => {
    const seen = await lookedAt(dependencies, context)
    const { place, light } = seen
    const locale = localeOf(context)
    const { address } = clientOf(context.env.incoming)
    const from = { placeId: place.id, address: limits.networksOf(address).address }
    const why =
      light.why === 'shut' ? 'shut' : (await isBlocked(db, from.placeId, from.address)) ? 'blocked' : null
    if (why !== null) {
      if (await deliveredBefore(db, place.id, typed)) return tellDelivered(context, place, typed.key)
      return refuse(context, why, place)
    }
    const errors = typedErrors(locale.texts.places, typed, isShownAs)
    if (errors.length > 0) return show(context, seen, { ...typed, errors }, 422)
    const poured = await limits.leave(address, place.id)
    if (poured.wait > 0) {
      const told = [{ field: 'text', message: tooOften(context, locale, poured.wait) }]
      return show(context, seen, { ...typed, errors: told }, 429)
    }
    return doCounted(poured, async () => {
      const isProven = proof !== '' && (await work.accept(place.id, proof))
      if (!isProven && limits.isLoaded(place.id)) {
        const challenge = await work.challenge(place.id)
        await poured.takeBack()
        return show(context, seen, { ...typed, challenge }, 503)
      }
      const { kind } = await deliverLeft({ db, clock, bus }, from, typed)
      if (kind === 'gone') throw noSuchPlace()
      if (kind !== 'delivered') return refuse(context, kind, place)
      counts.left()
      return tellDelivered(context, place, typed.key)
    })
  }

  /**
   * The form as it was sent, where the place could not be asked, or nobody knows what became of the message: it is sent again
   * with the same key, and so delivered once.
   */
  const showAgain = (context: Context, slug: string, typed: TypedMessage, error: unknown) => {
    const { body, status } = error instanceof Refused ? error : refusalOfError(error)
    if (!(error instanceof Refused)) {
      const level = body.error === 'busy' ? 'warn' : 'error'
      log[level]({ err: error, place: slug }, 'whether a message of a visitor was delivered is not known')
    }
    const locale = localeOf(context)
    const { unsure, tooSoon } = locale.texts.places.message
    if (body.retryAfter !== undefined) context.header('Retry-After', String(body.retryAfter))
    const told = body.error === 'too-many-attempts' ? tooSoon : unsure
    return showForm(context, typedAgainPage(locale, slug, typed, told), status)
  }

  const take = async (context: Context, form: Form) => {
    const slug = slugOf(context)
    const typed = typedIn(form)
    try {
      return await leave(context, typed, form.get('proof'))
    } catch (error) {
      const isNone = error instanceof Refused && error.body.error === 'not-found'
      if (slug === undefined || isNone) throw error
      return showAgain(context, slug, typed, error)
    }
  }

  return [
    bundle.route,
    {
      method: 'GET',
      path: '/place.css',
      admits: 'anyone',
      handle: (context) =>
        context.body(style, 200, {
          'Content-Type': 'text/css; charset=utf-8',
          'Cache-Control': 'max-age=300',
        }),
    },
    page('/reach/:slug', async (context) => show(context, await lookedAt(dependencies, context))),
    page('/reach/:slug/embed', async (context) => {
      const { place, light } = await lookedAt(dependencies, context)
      readableByAll(context)
      context.header('Content-Security-Policy', policy(originsOf(place), false))
      return context.html(embedPage(localeOf(context), light, script()))
    }),
    page('/reach/:slug/light.svg', async (context) => {
      readableByAll(context)
      const { light } = await lookedAt(dependencies, context)
      return context.body(lightImage(localeOf(context), light), 200, {
        'Content-Type': 'image/svg+xml; charset=utf-8',
        'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        'Cache-Control': 'no-store',
        Vary: 'Accept-Language',
      })
    }),
    page('/reach/:slug/embedding', async (context) => {
      const { light } = await lookedAt(dependencies, context)
      context.header('Content-Security-Policy', policy([], false))
      return context.html(embeddingPage(localeOf(context), light, publicUrl()))
    }),
    page('/reach/:slug/message', async (context) => {
      const { place } = await lookedAt(dependencies, context)
      return context.redirect(`/reach/${place.slug}`, 303)
    }),
    page('/reach/:slug/delivered', async (context) => {
      const { place } = await lookedAt(dependencies, context)
      // It says so of a message that was delivered, and of nothing else.
      if (readSigned(secret, leftPurpose, context.req.query('message') ?? '', place.id) === undefined)
        return context.redirect(`/reach/${place.slug}`, 303)
      return context.html(deliveredPage(context, place.slug, place.name))
    }),
    formRoute('/reach/:slug/message', serverOrigins, (context, form) =>
      orSaid(context, () => take(context, form)),
    ),
  ]
}

const isShownAs = (name: string, longest: number): boolean => {
  const error = nameError(name)
  return (error === undefined || error === 'too-long') && [...name].length <= longest
}

/** A place that is none, and whoever asks too often, in a page. */
async function orSaid(context: Context, work: () => Response | Promise<Response>): Promise<Response> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return error.body.error === 'not-found' ? context.notFound() : tooOftenPage(context, error)
  }
}

/** For people, where a program is sent a refusal. */
function tooOftenPage(context: Context, { body: { retryAfter = 1 }, status }: Refused) {
  const locale = localeOf(context)
  const { busyTitle: title, busy: text } = locale.texts.pages.trouble
  context.header('Retry-After', String(retryAfter))
  return context.html(deadEndPage(locale, { title, text }), status)
}

function deliveredPage(context: Context, slug: string, name: string): Html {
  const { language, texts } = localeOf(context)
  const { sentTitle, sent, back } = texts.places.message
  return titledPage(sentTitle, html`<p role="status">${sent(name)}</p>`, {
    language,
    back: { href: `/reach/${slug}`, label: back(name) },
  })
}
