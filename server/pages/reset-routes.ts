import type { Auth } from '../accounts/auth.ts'
import { type DeadLink, readReset, resetPassword } from '../accounts/reset.ts'
import type { Bus } from '../bus/bus.ts'
import { personSubject } from '../bus/person-message.ts'
import type { Request, Route } from '../http/route.ts'
import type { AskParts } from './forgot-routes.ts'
import { formRoute } from './form-request.ts'
import { deadEndPage, donePage } from './notice-page.ts'
import { languageOf, type Said } from './page-language.ts'
import { readPassword } from './password-fields.ts'
import { resetPage } from './reset-page.ts'
import { showPage } from './show-page.ts'

export interface ResetParts extends AskParts {
  readonly auth: Auth
  readonly bus: Bus
}

/** Choosing a new password by a mailed link. Only sending the form uses the link up: mail programs look at links too. */
export const resetRoutes = ({ db, auth, bus, clock, publicUrl, addressOf, wake }: ResetParts): Route[] => [
  {
    method: 'GET',
    path: '/password/reset/:token',
    admits: 'anyone',
    async handle(request) {
      const found = await readReset(db, tokenOf(request), clock.wall())
      if (found.kind === 'dead') return dead(request, languageOf(request), found.why)
      return showPage(request, resetPage(languageOf(request, found.person.language), found.person))
    },
  },
  formRoute('/password/reset/:token', publicUrl, async (request, form) => {
    const token = tokenOf(request)
    const found = await readReset(db, token, clock.wall())
    if (found.kind === 'dead') return dead(request, languageOf(request), found.why)
    const said = languageOf(request, found.person.language)
    const typed = readPassword(said.words, form.get('password'), form.get('again'))
    if (typed.faults.length > 0) return showPage(request, resetPage(said, found.person, typed), 422)
    const outcome = await resetPassword(
      { db, auth },
      { token, typed: typed.password, asked: said.language, address: addressOf(request) },
      clock.wall(),
    )
    if (outcome.kind === 'dead') return dead(request, said, outcome.why)
    if (outcome.kind === 'broken') return showPage(request, resetPage(said, found.person, typed), 422)
    bus.publish(personSubject(outcome.userId), { kind: 'recheck' })
    wake()
    return request.redirect(`/password/changed?language=${said.language}`, 303)
  }),
  {
    method: 'GET',
    path: '/password/changed',
    admits: 'anyone',
    handle(request) {
      const said = languageOf(request)
      const { doneTitle: title, done: words } = said.words.reset
      return showPage(request, donePage(said, { title, words }))
    },
  },
]

export const tokenOf = (request: Request): string => request.req.param('token') ?? ''

function dead(request: Request, said: Said, why: DeadLink) {
  const { title, why: reasons, newReset } = said.words.dead
  const action = { label: newReset, href: '/password/forgot' }
  return showPage(request, deadEndPage(said, { title, words: reasons[why], action }), 410)
}
