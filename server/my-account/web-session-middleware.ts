import type { Origin } from '../accounts/audit.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Request, Route } from '../http/route.ts'
import { type Form, formRoute } from '../pages/form-request.ts'
import { deadEndPage } from '../pages/notice-page.ts'
import { showPage } from '../pages/show-page.ts'
import type { Changing } from './account-change.ts'
import { type OwnSaid, ownLanguageOf } from './account-locale.ts'
import { type Person, readPerson } from './person.ts'
import type { VisitCookie } from './web-session-cookie.ts'
import { findVisit } from './web-sessions.ts'

export interface VisitorParts {
  readonly db: Database
  readonly clock: Clock
  readonly cookie: VisitCookie
  readonly publicUrl: () => string
  readonly originOf: (incoming: Request['env']['incoming']) => Origin
}

/** A person at their own pages, in their own language. */
export interface Visitor {
  readonly person: Person
  readonly changing: Changing
  readonly said: OwnSaid
}

type Handle = (request: Request, visitor: Visitor, form: Form) => Response | Promise<Response>

/** Routes that only a visit opens; whoever has none is told how to come by one, and nothing is done. */
export interface Visitors {
  page(path: string, handle: (...given: Parameters<Handle>) => ReturnType<Handle>): Route
  form(path: string, handle: Handle): Route
}

const noForm: Form = { get: () => '' }

export function visitors({ db, clock, cookie, publicUrl, originOf }: VisitorParts): Visitors {
  const received = async (request: Request, form: Form, handle: Handle): Promise<Response> => {
    const secret = cookie.read(request)
    const now = clock.wall()
    const visit = secret === undefined ? undefined : await findVisit(db, secret, now)
    if (!visit) return closed(request)
    const person = await readPerson(db, visit.userId)
    const changing = { visit, now, from: originOf(request.env.incoming) }
    return handle(request, { person, changing, said: ownLanguageOf(request, person.language) }, form)
  }
  return {
    page: (path, handle) => ({
      method: 'GET',
      path,
      admits: 'anyone',
      handle: (request) => received(request, noForm, handle),
    }),
    form: (path, handle) => formRoute(path, publicUrl, (request, form) => received(request, form, handle)),
  }
}

function closed(request: Request) {
  const said = ownLanguageOf(request)
  return showPage(request, deadEndPage(said, said.own.closed), 403)
}
