import { html } from 'hono/html'
import type { PasswordDependencies } from '../accounts/passwords.ts'
import type { Route } from '../http/route.ts'
import type { Locale } from '../locales/locale.ts'
import { errorSummary, type FieldError, form, formPageOptions } from '../pages/form-fields.ts'
import { tooOften } from '../pages/form-request.ts'
import { type Html, titledPage } from '../pages/layout.ts'
import { showPage } from '../pages/show-page.ts'
import { countChange } from './count-change.ts'
import type { DoneNotice } from './done-notice.ts'
import { answerToPassword, passwordQuestion } from './password-question.ts'
import { unlinkIssuer } from './person.ts'
import type { SignedInRoutes } from './web-session-middleware.ts'

export interface UnlinkDependencies extends PasswordDependencies {
  readonly signedIn: SignedInRoutes
  readonly notice: DoneNotice
  /** What the issuer is called that people may sign in with. */
  readonly issuer: string
}

/**
 * Taking the issuer's account off one's own. It is asked for the password: whoever sits down at an open page could
 * else leave its person with fewer ways in than they know of.
 */
export const unlinkRoutes = ({ signedIn, notice, issuer, ...dependencies }: UnlinkDependencies): Route[] => [
  signedIn.page('/account/unlink', (context, { person, locale }) =>
    person.linked && person.hasPassword
      ? showPage(context, unlinkPage(locale, issuer))
      : context.redirect('/account', 303),
  ),
  signedIn.form('/account/unlink', async (context, who, form) => {
    if (!who.person.hasPassword) return context.redirect('/account', 303)
    const answer = await answerToPassword(dependencies, context, who, form.get('password'))
    if (answer.kind === 'refused')
      return showPage(context, unlinkPage(who.locale, issuer, answer.errors), answer.status)
    const wait = await countChange(dependencies, who.actor, 'issuer-unlinked')
    if (wait > 0) {
      const message = tooOften(context, who.locale, wait)
      return showPage(context, unlinkPage(who.locale, issuer, [{ field: 'password', message }]), 429)
    }
    return (await unlinkIssuer(dependencies.db, who.actor, answer.hash))
      ? notice.redirect(context, 'unlinked')
      : context.redirect('/account', 303)
  }),
]

function unlinkPage(locale: Locale, issuer: string, errors: readonly FieldError[] = []): Html {
  const { back, issuer: texts } = locale.texts.myAccount
  const { unlink: button, sureTitle: title, sure, again } = texts
  return titledPage(
    title,
    html`<p>${sure(issuer)}</p>
      <p class="note">${again}</p>
      ${errorSummary(locale, errors)}
      ${form({ action: '/account/unlink', button }, passwordQuestion(locale, errors))}`,
    { ...formPageOptions(locale, title, errors), back: { href: '/account', label: back } },
  )
}
