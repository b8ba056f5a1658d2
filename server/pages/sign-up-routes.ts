import { askSignUp } from '../accounts/ask-by-mail.ts'
import { isEmailAddress } from '../accounts/invite.ts'
import { normalLogin } from '../accounts/username.ts'
import type { Context, Route } from '../http/route.ts'
import type { PageTexts } from '../locales/pages/en.ts'
import type { AskDependencies } from './forgot-routes.ts'
import { formRoute } from './form-request.ts'
import { deadEndPage, donePage } from './notice-page.ts'
import { localeOf } from './page-language.ts'
import { showPage } from './show-page.ts'
import { signUpPage } from './sign-up-page.ts'
import { tooOften } from './too-often.ts'

export interface SignUpDependencies extends AskDependencies {
  /** Whose addresses may sign up by themselves: of any domain, of these, or nobody's. */
  readonly signUp: 'off' | 'anyone' | readonly string[]
}

/** Asking for an account of one's own. The address is verified before there is one. */
export const signUpRoutes = (dependencies: SignUpDependencies): Route[] => [
  {
    method: 'GET',
    path: '/sign-up',
    admits: 'anyone',
    handle: (context) =>
      dependencies.signUp === 'off' ? closed(context) : showPage(context, signUpPage(localeOf(context))),
  },
  formRoute('/sign-up', dependencies.publicUrl, async (context, form) => {
    const { db, clock, signUp, clientAddressOf, wake } = dependencies
    if (signUp === 'off') return closed(context)
    const locale = localeOf(context)
    const typed = form.get('email').trim()
    const email = normalLogin(typed)
    const again = (words: string, status: 422 | 429) =>
      showPage(context, signUpPage(locale, typed, [{ field: 'email', words }]), status)
    const error = emailError(locale.words, email, signUp)
    if (error) return again(error, 422)
    const asker = { address: clientAddressOf(context), language: locale.language }
    const asked = await askSignUp(db, email, asker, clock.wall())
    if (asked.kind === 'too-often') return again(tooOften(context, locale.words, asked.retryAfter), 429)
    wake()
    return context.redirect(`/sign-up/sent?language=${locale.language}`, 303)
  }),
  {
    method: 'GET',
    path: '/sign-up/sent',
    admits: 'anyone',
    handle(context) {
      const locale = localeOf(context)
      const { forgot, signUp } = locale.words
      return showPage(context, donePage(locale, { title: forgot.sentTitle, words: signUp.sent }))
    },
  },
]

function emailError(
  { signUp: words }: PageTexts,
  email: string,
  allowed: 'anyone' | readonly string[],
): string | undefined {
  if (email === '') return words.missing
  if (!isEmailAddress(email)) return words.wrong
  if (allowed === 'anyone' || allowed.includes(email.split('@')[1] ?? '')) return undefined
  return words.domain(allowed)
}

function closed(context: Context) {
  const locale = localeOf(context)
  const { closedTitle: title, closed: words } = locale.words.signUp
  return showPage(context, deadEndPage(locale, { title, words }), 404)
}
