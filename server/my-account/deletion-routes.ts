import type { Request, Route } from '../http/route.ts'
import type { Fault } from '../pages/form-fields.ts'
import { showPage } from '../pages/show-page.ts'
import { checkPassword, type PasswordParts } from './change-password.ts'
import { deleteAccount, freshFor } from './delete-account.ts'
import { deletePage, surePage } from './delete-pages.ts'
import type { TellDevices } from './tell-devices.ts'
import type { VisitCookie } from './web-session-cookie.ts'
import type { Visitor, Visitors } from './web-session-middleware.ts'

export interface DeletionParts extends PasswordParts {
  readonly visitors: Visitors
  readonly tell: TellDevices
  readonly cookie: VisitCookie
  readonly issuer: string
}

/** Deleting one's account: asked twice, and then for who it is. */
export function deletionRoutes({ visitors, tell, cookie, issuer, ...parts }: DeletionParts): Route[] {
  const isFresh = ({ changing: { visit, now } }: Visitor) => now - visit.signedInAt < freshFor

  const sure = (
    request: Request,
    visitor: Visitor,
    faults: readonly Fault[] = [],
    status: 200 | 422 | 429 = 200,
  ) => {
    const { person, said } = visitor
    return showPage(request, surePage(said, { person, issuer, fresh: isFresh(visitor) }, faults), status)
  }

  /** What is wrong with whoever wants it deleted; undefined when it is the person. */
  const unsure = async (request: Request, visitor: Visitor, typed: string): Promise<Response | undefined> => {
    const { person, said, changing } = visitor
    const { own } = said
    if (!person.hasPassword) return isFresh(visitor) ? undefined : sure(request, visitor, [], 422)
    const refuse = (words: string, status: 422 | 429 = 422) =>
      sure(request, visitor, [{ field: 'password', words }], status)
    if (typed === '') return refuse(own.remove.passwordMissing)
    const checked = await checkPassword(parts, changing, typed)
    if (checked.kind === 'right') return undefined
    if (checked.kind !== 'too-many') return refuse(own.password.wrong)
    request.header('Retry-After', String(checked.retryAfter))
    return refuse(own.tooSoon(checked.retryAfter), 429)
  }

  return [
    visitors.page('/account/delete', (request, { said }) => showPage(request, deletePage(said))),
    visitors.page('/account/delete/sure', (request, visitor) => sure(request, visitor)),
    visitors.form('/account/delete/sure', async (request, visitor, form) => {
      const refused = await unsure(request, visitor, form.get('password'))
      if (refused) return refused
      await deleteAccount(parts.db, visitor.changing)
      tell.recheck(visitor.person.id)
      cookie.take(request)
      return request.redirect(`/account/deleted?language=${visitor.said.language}`, 303)
    }),
  ]
}
