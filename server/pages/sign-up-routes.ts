import type { AccountConfig } from '../accounts/account-config.ts'
import { requestSignUp } from '../accounts/link-requests.ts'
import { domainOfEmail, isEmailAddress, normalLogin } from '../accounts/login-name.ts'
import type { Context, Route } from '../http/route.ts'
import type { Locale } from '../locales/locale.ts'
import { doneRoute } from './done-route.ts'
import { type FieldError, questionPage } from './form-fields.ts'
import { formRoute, tooOften } from './form-request.ts'
import { deadEndPage, type Html } from './layout.ts'
import { localeOf } from './locale-of.ts'
import type { MailedLinkDependencies } from './mailed-link-dependencies.ts'
import { showPage } from './show-page.ts'

export interface SignUpDependencies extends MailedLinkDependencies {
  readonly signUp: AccountConfig['signUp']
}

/** Asking for an account of one's own. The address is verified before there is one. */
export function signUpRoutes(dependencies: SignUpDependencies): Route[] {
  const { clock, signUp, serverOrigins, clientOf, wake } = dependencies
  return [
    {
      method: 'GET',
      path: '/sign-up',
      admits: 'anyone',
      handle: (context) =>
        signUp === 'off' ? closed(context) : showPage(context, signUpPage(localeOf(context))),
    },
    formRoute('/sign-up', serverOrigins, async (context, form) => {
      if (signUp === 'off') return closed(context)
      const locale = localeOf(context)
      const typed = form.get('email').trim()
      const email = normalLogin(typed)
      const again = (message: string, status: 422 | 429) =>
        showPage(context, signUpPage(locale, typed, [{ field: 'email', message }]), status)
      const error = emailError(locale, email, signUp)
      if (error) return again(error, 422)
      const { address } = clientOf(context.env.incoming)
      const from = { address, language: locale.language }
      const requested = await requestSignUp(dependencies, email, from, clock.wall())
      if (requested.kind === 'too-often') return again(tooOften(context, locale, requested.wait), 429)
      wake()
      return context.redirect(`/sign-up/sent?language=${locale.language}`, 303)
    }),
    doneRoute('/sign-up/sent', ({ pages }) => ({ title: pages.forgot.sentTitle, text: pages.signUp.sent })),
  ]
}

function signUpPage(locale: Locale, email = '', errors: readonly FieldError[] = []): Html {
  const { email: label, ...texts } = locale.texts.pages.signUp
  const asked = { name: 'email', label, type: 'email', value: email, autocomplete: 'email' } as const
  return questionPage(locale, texts, asked, errors)
}

/** What is wrong with an address that wants an account; undefined when nothing is. */
function emailError(
  locale: Locale,
  email: string,
  allowed: Exclude<AccountConfig['signUp'], 'off'>,
): string | undefined {
  const messages = locale.texts.pages.signUp
  if (email === '') return messages.missing
  if (!isEmailAddress(email)) return messages.wrong
  if (allowed === 'anyone' || allowed.includes(domainOfEmail(email))) return undefined
  return messages.domain(allowed)
}

function closed(context: Context) {
  const locale = localeOf(context)
  const { closedTitle: title, closed: text } = locale.texts.pages.signUp
  return showPage(context, deadEndPage(locale, { title, text }), 404)
}
