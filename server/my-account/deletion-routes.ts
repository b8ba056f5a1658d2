import type { Context, Route } from '../http/route.ts'
import type { FieldError } from '../pages/form-fields.ts'
import { showPage } from '../pages/show-page.ts'
import { checkPassword, type PasswordDependencies } from './change-password.ts'
import { deleteAccount, freshFor } from './delete-account.ts'
import { deletePage, surePage } from './delete-pages.ts'
import type { TellDevices } from './tell-devices.ts'
import type { WebSessionCookie } from './web-session-cookie.ts'
import type { WebSessionOwner, WebSessionRoutes } from './web-session-middleware.ts'

export interface DeletionDependencies extends PasswordDependencies {
  readonly webSessions: WebSessionRoutes
  readonly tell: TellDevices
  readonly cookie: WebSessionCookie
  readonly issuer: string
}

/** Deleting one's account: asked twice, and then for who it is. */
export function deletionRoutes({
  webSessions,
  tell,
  cookie,
  issuer,
  ...dependencies
}: DeletionDependencies): Route[] {
  const isFresh = ({ changing: { webSession, now } }: WebSessionOwner) =>
    now - webSession.signedInAt < freshFor

  const sure = (
    context: Context,
    owner: WebSessionOwner,
    errors: readonly FieldError[] = [],
    status: 200 | 422 | 429 = 200,
  ) => {
    const { person, locale } = owner
    return showPage(context, surePage(locale, { person, issuer, fresh: isFresh(owner) }, errors), status)
  }

  /** What is wrong with whoever wants it deleted; undefined when it is the person. */
  const unsure = async (
    context: Context,
    owner: WebSessionOwner,
    typed: string,
  ): Promise<Response | undefined> => {
    const { person, locale, changing } = owner
    const { own } = locale
    if (!person.hasPassword) return isFresh(owner) ? undefined : sure(context, owner, [], 422)
    const refuse = (words: string, status: 422 | 429 = 422) =>
      sure(context, owner, [{ field: 'password', words }], status)
    if (typed === '') return refuse(own.remove.passwordMissing)
    const checked = await checkPassword(dependencies, changing, typed)
    if (checked.kind === 'right') return undefined
    if (checked.kind !== 'too-many') return refuse(own.password.wrong)
    context.header('Retry-After', String(checked.retryAfter))
    return refuse(own.tooSoon(checked.retryAfter), 429)
  }

  return [
    webSessions.page('/account/delete', (context, { locale }) => showPage(context, deletePage(locale))),
    webSessions.page('/account/delete/sure', (context, owner) => sure(context, owner)),
    webSessions.form('/account/delete/sure', async (context, owner, form) => {
      const refused = await unsure(context, owner, form.get('password'))
      if (refused) return refused
      await deleteAccount(dependencies.db, owner.changing)
      tell.recheck(owner.person.id)
      cookie.take(context)
      return context.redirect(`/account/deleted?language=${owner.locale.language}`, 303)
    }),
  ]
}
