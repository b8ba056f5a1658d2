import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { ClientOf } from '../http/client-address.ts'
import type { Context, Route } from '../http/route.ts'
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
  const findPerson = async (context: Context): Promise<SignedInPerson | undefined> => {
    const secret = cookie.read(context)
    const now = clock.wall()
    const webSession = secret === undefined ? undefined : await findWebSession(db, secret, now)
    if (!webSession) return undefined
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
        return who ? handle(context, who) : closed(context)
      },
    }),
    form: (path, handle) =>
      formRoute(path, serverOrigins, async (context, form) => {
        const who = await findPerson(context)
        return who ? handle(context, who, form) : closed(context)
      }),
  }
}

function closed(context: Context) {
  const locale = localeOf(context)
  return showPage(context, deadEndPage(locale, locale.texts.myAccount.closed), 403)
}
