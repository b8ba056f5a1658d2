import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { ClientOf } from '../http/client-address.ts'
import type { Context, Route } from '../http/route.ts'
import { createBuckets } from '../leaky-bucket.ts'
import type { Locale } from '../locales/locale.ts'
import { type Form, formRoute } from '../pages/form-request.ts'
import { deadEndPage } from '../pages/layout.ts'
import { localeOf } from '../pages/locale-of.ts'
import { showPage } from '../pages/show-page.ts'
import { type Person, readPerson } from './person.ts'
import type { Actor } from './record-change.ts'
import type { WebSessionCookie } from './web-session-cookie.ts'
import { findWebSession } from './web-sessions.ts'

export interface WebSessionDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly cookie: WebSessionCookie
  readonly publicUrl: () => string
  readonly serverOrigins: () => readonly string[]
  readonly clientOf: ClientOf
}

/** A person at their own pages, in their own language. */
export interface SignedInPerson {
  readonly person: Person
  readonly actor: Actor
  readonly locale: Locale
}

type Answer = Response | Promise<Response>

/**
 * Of one session so much is asked; far more than anybody clicks. A page takes the server longer than most that it does:
 * that is what is limited, so each of several nodes counts alone.
 */
const pace = { atOnce: 60, perSecond: 5 }

/** Makes routes that only a web session opens; whoever has none is told how to come by one, and nothing is done. */
export interface SignedInRoutes {
  page(path: string, handle: (context: Context, who: SignedInPerson) => Answer): Route
  form(path: string, handle: (context: Context, who: SignedInPerson, form: Form) => Answer): Route
}

export function requireWebSession({
  db,
  clock,
  cookie,
  serverOrigins,
  clientOf,
}: WebSessionDependencies): SignedInRoutes {
  const asked = createBuckets(pace)

  /** @returns the answer instead, for who has no web session, or asks too much. */
  const findPerson = async (context: Context): Promise<SignedInPerson | Response> => {
    const secret = cookie.read(context)
    const now = clock.wall()
    const webSession = secret === undefined ? undefined : await findWebSession(db, secret, now)
    if (!webSession) return closed(context)
    const wait = asked.pour(webSession.sessionId, clock.monotonic())
    if (wait > 0) return tooFast(context, Math.ceil(wait / 1_000))
    const person = await readPerson(db, webSession.userId)
    const actor = { webSession, now, from: clientOf(context.env.incoming) }
    return { person, actor, locale: localeOf(context, person.language) }
  }
  return {
    page: (path, handle) => ({
      method: 'GET',
      path,
      admits: 'anyone',
      async handle(context) {
        const who = await findPerson(context)
        return who instanceof Response ? who : handle(context, who)
      },
    }),
    form: (path, handle) =>
      formRoute(path, serverOrigins, async (context, form) => {
        const who = await findPerson(context)
        return who instanceof Response ? who : handle(context, who, form)
      }),
  }
}

function tooFast(context: Context, seconds: number) {
  const locale = localeOf(context)
  const { title, text } = locale.texts.myAccount.tooFast
  context.header('Retry-After', String(seconds))
  return showPage(context, deadEndPage(locale, { title, text: text(seconds) }), 429)
}

function closed(context: Context) {
  const locale = localeOf(context)
  return showPage(context, deadEndPage(locale, locale.texts.myAccount.closed), 403)
}
