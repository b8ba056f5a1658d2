import type { Client } from '../accounts/audit.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Context, Route } from '../http/route.ts'
import { type Form, formRoute } from '../pages/form-request.ts'
import { deadEndPage } from '../pages/notice-page.ts'
import { showPage } from '../pages/show-page.ts'
import type { Changing } from './account-change.ts'
import { type AccountLocale, accountLocaleOf } from './account-locale.ts'
import { type Person, readPerson } from './person.ts'
import type { WebSessionCookie } from './web-session-cookie.ts'
import { findWebSession } from './web-sessions.ts'

export interface WebSessionDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly cookie: WebSessionCookie
  readonly publicUrl: () => string
  readonly clientOf: (incoming: Context['env']['incoming']) => Client
}

/** A person at their own pages, in their own language. */
export interface WebSessionOwner {
  readonly person: Person
  readonly changing: Changing
  readonly locale: AccountLocale
}

type Handle = (context: Context, owner: WebSessionOwner, form: Form) => Response | Promise<Response>

/** Routes that only a web session opens; whoever has none is told how to come by one, and nothing is done. */
export interface WebSessionRoutes {
  page(path: string, handle: (...given: Parameters<Handle>) => ReturnType<Handle>): Route
  form(path: string, handle: Handle): Route
}

const noForm: Form = { get: () => '' }

export function webSessions({
  db,
  clock,
  cookie,
  publicUrl,
  clientOf,
}: WebSessionDependencies): WebSessionRoutes {
  const received = async (context: Context, form: Form, handle: Handle): Promise<Response> => {
    const secret = cookie.read(context)
    const now = clock.wall()
    const webSession = secret === undefined ? undefined : await findWebSession(db, secret, now)
    if (!webSession) return closed(context)
    const person = await readPerson(db, webSession.userId)
    const changing = { webSession, now, from: clientOf(context.env.incoming) }
    return handle(context, { person, changing, locale: accountLocaleOf(context, person.language) }, form)
  }
  return {
    page: (path, handle) => ({
      method: 'GET',
      path,
      admits: 'anyone',
      handle: (context) => received(context, noForm, handle),
    }),
    form: (path, handle) => formRoute(path, publicUrl, (context, form) => received(context, form, handle)),
  }
}

function closed(context: Context) {
  const locale = accountLocaleOf(context)
  return showPage(context, deadEndPage(locale, locale.own.closed), 403)
}
