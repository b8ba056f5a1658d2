import { html } from 'hono/html'
import type { DeviceNotifier } from '../accounts/device-notifier.ts'
import { namesOf } from '../accounts/password-strength.ts'
import type { PasswordDependencies } from '../accounts/passwords.ts'
import type { Route } from '../http/route.ts'
import type { Locale } from '../locales/locale.ts'
import { errorOf, errorSummary, type FieldError, field, form, formPageOptions } from '../pages/form-fields.ts'
import { tooOften } from '../pages/form-request.ts'
import { type Html, titledPage } from '../pages/layout.ts'
import { passwordFields, readPassword, type TypedPassword } from '../pages/password-fields.ts'
import { showPage } from '../pages/show-page.ts'
import { changePassword } from './change-password.ts'
import type { DoneNotice } from './done-notice.ts'
import { tooSoon } from './password-question.ts'
import type { Person } from './person.ts'
import type { SignedInRoutes } from './web-session-middleware.ts'

export interface PasswordRouteDependencies extends PasswordDependencies {
  readonly signedIn: SignedInRoutes
  readonly notify: DeviceNotifier
  readonly notice: DoneNotice
  readonly serverOrigins: () => readonly string[]
  /** Something was put into the outbox. */
  readonly wake: () => void
}

/** Changing one's password by the one that one has. */
export const passwordRoutes = ({
  signedIn,
  notify,
  notice,
  serverOrigins,
  wake,
  ...dependencies
}: PasswordRouteDependencies): Route[] => [
  signedIn.page('/account/password', (context, { person, locale }) =>
    person.hasPassword ? showPage(context, passwordPage(locale, person)) : context.redirect('/account', 303),
  ),
  signedIn.form('/account/password', async (context, { person, actor, locale }, form) => {
    const typed = readPassword(locale, form.get('password'), form.get('again'))
    const again = (errors: readonly FieldError[], status: 422 | 429 = 422) =>
      showPage(context, passwordPage(locale, person, errors, typed), status)
    const old = form.get('old')
    const missing = old === '' ? [{ field: 'old', message: locale.texts.myAccount.password.oldMissing }] : []
    if (missing.length + typed.errors.length > 0) return again([...missing, ...typed.errors])
    const { language } = locale
    const own = [...namesOf(person), ...serverOrigins()]
    const outcome = await changePassword(dependencies, actor, { old, next: typed.password, language, own })
    if (outcome === 'changed') {
      notify.sessionsEnded(person.id)
      wake()
      return notice.redirect(context, 'password')
    }
    if (outcome === 'same')
      return again([{ field: 'password', message: locale.texts.myAccount.password.same }])
    switch (outcome.kind) {
      case 'none':
        return context.redirect('/account', 303)
      case 'too-often':
        return again([{ field: 'password', message: tooOften(context, locale, outcome.wait) }], 429)
      case 'too-many':
        return again([{ field: 'old', message: tooSoon(context, locale, outcome.wait) }], 429)
      case 'weak':
        return again([{ field: 'password', message: locale.texts.pages.password.weak[outcome.why] }])
      case 'wrong':
        return again([{ field: 'old', message: locale.texts.myAccount.password.wrong }])
    }
  }),
]

/** The form in which a person who knows their password chooses another. */
function passwordPage(
  locale: Locale,
  { username, email }: Person,
  errors: readonly FieldError[] = [],
  typed?: TypedPassword,
): Html {
  const { login, password, back } = locale.texts.myAccount
  const { change: title, button, old, others, forgot } = password
  const wrong = errorOf(errors, 'old')
  return titledPage(
    title,
    html`<p>${others}</p>
      ${errorSummary(locale, errors)}
      ${form(
        { button },
        html`${field({
          name: 'username',
          label: username === null ? login.email : login.username,
          value: username ?? email,
          autocomplete: 'username',
          readonly: true,
        })}
        ${field({
          name: 'old',
          label: old,
          type: 'password',
          autocomplete: 'current-password',
          hint: errors.length > 0 && !wrong ? locale.texts.pages.password.enterAgain : undefined,
          error: wrong,
          // The cursor is here whatever is wrong, and what is wrong elsewhere is said with the field that has it.
          ...(errorOf(errors, 'password') && { describedBy: 'password-error' }),
          // No password is sent back, so that this one is to be typed anew whatever was wrong.
          autofocus: true,
        })}
        ${passwordFields(locale, { errors, broken: typed?.broken, elsewhere: errors.length > 0 })}`,
      )}
      <p class="ways"><a href="/password/forgot">${forgot}</a></p>`,
    { ...formPageOptions(locale, title, errors), lively: true, back: { href: '/account', label: back } },
  )
}
