import { askSignUp } from '../accounts/ask-by-mail.ts'
import { isEmailAddress } from '../accounts/invite.ts'
import { normalLogin } from '../accounts/username.ts'
import type { Request, Route } from '../http/route.ts'
import type { PageWords } from '../locales/pages/en.ts'
import type { AskParts } from './forgot-routes.ts'
import { formRoute } from './form-request.ts'
import { deadEndPage, donePage } from './notice-page.ts'
import { languageOf } from './page-language.ts'
import { showPage } from './show-page.ts'
import { signUpPage } from './sign-up-page.ts'
import { tooOften } from './too-often.ts'

export interface SignUpParts extends AskParts {
  /** Whose addresses may sign up by themselves: of any domain, of these, or nobody's. */
  readonly signUp: 'off' | 'anyone' | readonly string[]
}

/** Asking for an account of one's own. The address is verified before there is one. */
export const signUpRoutes = (parts: SignUpParts): Route[] => [
  {
    method: 'GET',
    path: '/sign-up',
    admits: 'anyone',
    handle: (request) =>
      parts.signUp === 'off' ? closed(request) : showPage(request, signUpPage(languageOf(request))),
  },
  formRoute('/sign-up', parts.publicUrl, async (request, form) => {
    const { db, clock, signUp, addressOf, wake } = parts
    if (signUp === 'off') return closed(request)
    const said = languageOf(request)
    const typed = form.get('email').trim()
    const email = normalLogin(typed)
    const again = (words: string, status: 422 | 429) =>
      showPage(request, signUpPage(said, typed, [{ field: 'email', words }]), status)
    const fault = emailFault(said.words, email, signUp)
    if (fault) return again(fault, 422)
    const asker = { address: addressOf(request), language: said.language }
    const asked = await askSignUp(db, email, asker, clock.wall())
    if (asked.kind === 'too-often') return again(tooOften(request, said.words, asked.retryAfter), 429)
    wake()
    return request.redirect(`/sign-up/sent?language=${said.language}`, 303)
  }),
  {
    method: 'GET',
    path: '/sign-up/sent',
    admits: 'anyone',
    handle(request) {
      const said = languageOf(request)
      const { forgot, signUp } = said.words
      return showPage(request, donePage(said, { title: forgot.sentTitle, words: signUp.sent }))
    },
  },
]

function emailFault(
  { signUp: words }: PageWords,
  email: string,
  allowed: 'anyone' | readonly string[],
): string | undefined {
  if (email === '') return words.missing
  if (!isEmailAddress(email)) return words.wrong
  if (allowed === 'anyone' || allowed.includes(email.split('@')[1] ?? '')) return undefined
  return words.domain(allowed)
}

function closed(request: Request) {
  const said = languageOf(request)
  const { closedTitle: title, closed: words } = said.words.signUp
  return showPage(request, deadEndPage(said, { title, words }), 404)
}
