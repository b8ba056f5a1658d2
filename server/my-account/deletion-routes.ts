import { html } from 'hono/html'
import type { DeviceNotifier } from '../accounts/device-notifier.ts'
import type { PasswordDependencies } from '../accounts/passwords.ts'
import type { Context, Route } from '../http/route.ts'
import type { Locale } from '../locales/locale.ts'
import { errorSummary, type FieldError, form, formPageOptions } from '../pages/form-fields.ts'
import { type Html, titledPage } from '../pages/layout.ts'
import { showPage } from '../pages/show-page.ts'
import { deleteAccount, freshFor } from './delete-account.ts'
import { answerToPassword, passwordQuestion } from './password-question.ts'
import type { Person } from './person.ts'
import type { WebSessionCookie } from './web-session-cookie.ts'
import type { SignedInPerson, SignedInRoutes } from './web-session-middleware.ts'

export interface DeletionDependencies extends PasswordDependencies {
  readonly signedIn: SignedInRoutes
  readonly notify: DeviceNotifier
  readonly cookie: WebSessionCookie
  readonly issuer: string
}

/** Deleting one's account: asked twice, and then for who it is. */
export function deletionRoutes({
  signedIn,
  notify,
  cookie,
  issuer,
  ...dependencies
}: DeletionDependencies): Route[] {
  const isFresh = ({ actor: { webSession, now } }: SignedInPerson) => now - webSession.signedInAt < freshFor

  const showSure = (
    context: Context,
    who: SignedInPerson,
    errors: readonly FieldError[] = [],
    status: 200 | 422 | 429 = 200,
  ) => {
    const { person, locale } = who
    return showPage(context, surePage(locale, { person, issuer, fresh: isFresh(who) }, errors), status)
  }

  /** @returns the hash of the person's password, undefined for who has none; or how somebody else is refused. */
  const verifyPerson = async (
    context: Context,
    who: SignedInPerson,
    typed: string,
  ): Promise<Response | string | undefined> => {
    if (!who.person.hasPassword) return isFresh(who) ? undefined : showSure(context, who, [], 422)
    const answer = await answerToPassword(dependencies, context, who, typed)
    return answer.kind === 'right' ? answer.hash : showSure(context, who, answer.errors, answer.status)
  }

  return [
    signedIn.page('/account/delete', (context, { locale }) => showPage(context, effectsPage(locale))),
    signedIn.page('/account/delete/sure', (context, who) => showSure(context, who)),
    signedIn.form('/account/delete/sure', async (context, who, form) => {
      const verified = await verifyPerson(context, who, form.get('password'))
      if (verified instanceof Response) return verified
      if (!(await deleteAccount(dependencies.db, who.actor, verified)))
        return context.redirect('/account', 303)
      notify.sessionsEnded(who.person.id)
      cookie.clearWithSiteData(context)
      return context.redirect(`/account/deleted?language=${who.locale.language}`, 303)
    }),
  ]
}

/** What deleting the account means: the first of two questions. */
function effectsPage({ language, texts }: Locale): Html {
  const { back, remove } = texts.myAccount
  const { title, opening, effects, goOn } = remove
  return titledPage(
    title,
    html`<p>${opening}</p>
      <ul>
        ${effects.map((effect) => html`<li>${effect}</li>`)}
      </ul>
      <p class="ways"><a class="button" href="/account/delete/sure">${goOn}</a></p>`,
    { language, back: { href: '/account', label: back } },
  )
}

interface Deletion {
  readonly person: Person
  readonly issuer: string
  /** Whether a person without a password has just signed in at the issuer. */
  readonly fresh: boolean
}

/** The second question, which wants to be sure who answers it. */
function surePage(
  locale: Locale,
  { person, issuer, fresh }: Deletion,
  errors: readonly FieldError[] = [],
): Html {
  const { back, remove } = locale.texts.myAccount
  const { sureTitle: title, sure, button, fresh: signInAnew } = remove
  const may = person.hasPassword || fresh
  return titledPage(
    title,
    html`<p>${sure(person.username ?? person.email)}</p>
      ${errorSummary(locale, errors)}
      ${
        may
          ? form(
              { action: '/account/delete/sure', button, kind: 'grave' },
              person.hasPassword ? passwordQuestion(locale, errors) : '',
            )
          : html`<p>${signInAnew(issuer)}</p>`
      }`,
    { ...formPageOptions(locale, title, errors), back: { href: '/account', label: back } },
  )
}
