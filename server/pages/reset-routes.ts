import { html } from 'hono/html'
import type { DeviceNotifier } from '../accounts/device-notifier.ts'
import type { DeadLink } from '../accounts/links.ts'
import type { Passwords } from '../accounts/passwords.ts'
import { type PersonToReset, readResetLink, resetPassword } from '../accounts/reset-password.ts'
import type { Context, Route } from '../http/route.ts'
import type { Locale } from '../locales/locale.ts'
import { doneRoute } from './done-route.ts'
import { errorSummary, field, focusedField, form, formPageOptions } from './form-fields.ts'
import { formRoute } from './form-request.ts'
import { deadEndPage, type Html, titledPage } from './layout.ts'
import { localeOf } from './locale-of.ts'
import type { MailedLinkDependencies } from './mailed-link-dependencies.ts'
import { asWeak, passwordFields, readPassword, type TypedPassword } from './password-fields.ts'
import { showPage } from './show-page.ts'

export interface ResetDependencies extends MailedLinkDependencies {
  readonly passwords: Passwords
  readonly notify: DeviceNotifier
}

/** Choosing a new password by a mailed link. Only sending the form uses the link up: mail programs look at links too. */
export function resetRoutes(dependencies: ResetDependencies): Route[] {
  const { db, secret, passwords, notify, clock, serverOrigins, clientOf, wake } = dependencies
  return [
    {
      method: 'GET',
      path: '/password/reset/:token',
      admits: 'anyone',
      async handle(context) {
        const found = await readResetLink(db, tokenOf(context), clock.wall())
        if (found.kind === 'dead') return dead(context, localeOf(context), found.why)
        return showPage(context, resetPage(localeOf(context, found.person.language), found.person))
      },
    },
    formRoute('/password/reset/:token', serverOrigins, async (context, form) => {
      const found = await readResetLink(db, tokenOf(context), clock.wall())
      if (found.kind === 'dead') return dead(context, localeOf(context), found.why)
      const locale = localeOf(context, found.person.language)
      const typed = readPassword(locale, form.get('password'), form.get('again'))
      if (typed.errors.length > 0) return showPage(context, resetPage(locale, found.person, typed), 422)
      const { address } = clientOf(context.env.incoming)
      const outcome = await resetPassword(
        { db, passwords, secret },
        found,
        { password: typed.password, asked: locale.language, address, origins: serverOrigins() },
        clock.wall(),
      )
      if (outcome.kind === 'weak')
        return showPage(context, resetPage(locale, found.person, asWeak(locale, typed, outcome.why)), 422)
      if (outcome.kind === 'dead') return dead(context, locale, outcome.why)
      notify.sessionsEnded(outcome.userId)
      wake()
      return context.redirect(`/password/changed?language=${locale.language}`, 303)
    }),
    doneRoute('/password/changed', ({ pages: { reset } }) => ({ title: reset.doneTitle, text: reset.done })),
  ]
}

const tokenOf = (context: Context): string => context.req.param('token') ?? ''

/** The form for a new password, once a link has proven whose mailbox this is. */
function resetPage(locale: Locale, { username, email }: PersonToReset, typed?: TypedPassword): Html {
  const texts = locale.texts.pages.reset
  const errors = typed?.errors ?? []
  return titledPage(
    texts.title,
    html`${errorSummary(locale, errors)}
      ${form(
        { button: texts.button },
        html`${field({
          name: 'username',
          label: username === null ? texts.email : texts.username,
          value: username ?? email,
          autocomplete: 'username',
          readonly: true,
        })}
        ${passwordFields(locale, { errors, broken: typed?.broken, focus: focusedField(errors, 'password') })}`,
      )}`,
    { ...formPageOptions(locale, texts.title, errors), lively: true },
  )
}

function dead(context: Context, locale: Locale, why: DeadLink) {
  const { title, why: reasons, newReset } = locale.texts.pages.dead
  const action = { label: newReset, href: '/password/forgot' }
  return showPage(context, deadEndPage(locale, { title, text: reasons[why], action }), 410)
}
