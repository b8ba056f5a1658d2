import { askReset } from '../accounts/ask-by-mail.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Request, Route } from '../http/route.ts'
import { forgotPage, forgotSentPage } from './forgot-pages.ts'
import { formRoute } from './form-request.ts'
import { languageOf } from './page-language.ts'
import { showPage } from './show-page.ts'
import { tooOften } from './too-often.ts'

export interface AskParts {
  readonly db: Database
  readonly clock: Clock
  readonly publicUrl: () => string
  readonly addressOf: (request: Request) => string
  /** Something was put into the outbox. */
  readonly wake: () => void
}

const longestLogin = 254

/** Asking for a link to a new password. What is answered does not depend on whether there is such a person. */
export const forgotRoutes = ({ db, clock, publicUrl, addressOf, wake }: AskParts): Route[] => [
  {
    method: 'GET',
    path: '/password/forgot',
    admits: 'anyone',
    handle: (request) => showPage(request, forgotPage(languageOf(request))),
  },
  formRoute('/password/forgot', publicUrl, async (request, form) => {
    const said = languageOf(request)
    const { missing, tooLong } = said.words.forgot
    const login = form.get('login').trim()
    const fault = login === '' ? missing : login.length > longestLogin ? tooLong : undefined
    const again = (words: string, status: 422 | 429) =>
      showPage(request, forgotPage(said, login, [{ field: 'login', words }]), status)
    if (fault) return again(fault, 422)
    const asker = { address: addressOf(request), language: said.language }
    const asked = await askReset(db, login, asker, clock.wall())
    if (asked.kind === 'too-often') return again(tooOften(request, said.words, asked.retryAfter), 429)
    wake()
    return request.redirect(`/password/forgot/sent?language=${said.language}`, 303)
  }),
  {
    method: 'GET',
    path: '/password/forgot/sent',
    admits: 'anyone',
    handle: (request) => showPage(request, forgotSentPage(languageOf(request))),
  },
]
