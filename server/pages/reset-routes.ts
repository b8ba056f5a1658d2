import type { Auth } from '../accounts/auth.ts'
import { type DeadLink, readReset, resetPassword } from '../accounts/reset.ts'
import type { Bus } from '../bus/bus.ts'
import { personSubject } from '../bus/person-message.ts'
import type { Context, Route } from '../http/route.ts'
import type { AskDependencies } from './forgot-routes.ts'
import { formRoute } from './form-request.ts'
import { deadEndPage, donePage } from './notice-page.ts'
import { type Locale, localeOf } from './page-language.ts'
import { readPassword } from './password-fields.ts'
import { resetPage } from './reset-page.ts'
import { showPage } from './show-page.ts'

export interface ResetDependencies extends AskDependencies {
  readonly auth: Auth
  readonly bus: Bus
}

/** Choosing a new password by a mailed link. Only sending the form uses the link up: mail programs look at links too. */
export const resetRoutes = ({
  db,
  auth,
  bus,
  clock,
  publicUrl,
  clientAddressOf,
  wake,
}: ResetDependencies): Route[] => [
  {
    method: 'GET',
    path: '/password/reset/:token',
    admits: 'anyone',
    async handle(context) {
      const found = await readReset(db, tokenOf(context), clock.wall())
      if (found.kind === 'dead') return dead(context, localeOf(context), found.why)
      return showPage(context, resetPage(localeOf(context, found.person.language), found.person))
    },
  },
  formRoute('/password/reset/:token', publicUrl, async (context, form) => {
    const token = tokenOf(context)
    const found = await readReset(db, token, clock.wall())
    if (found.kind === 'dead') return dead(context, localeOf(context), found.why)
    const locale = localeOf(context, found.person.language)
    const typed = readPassword(locale.words, form.get('password'), form.get('again'))
    if (typed.errors.length > 0) return showPage(context, resetPage(locale, found.person, typed), 422)
    const outcome = await resetPassword(
      { db, auth },
      { token, typed: typed.password, asked: locale.language, address: clientAddressOf(context) },
      clock.wall(),
    )
    if (outcome.kind === 'dead') return dead(context, locale, outcome.why)
    if (outcome.kind === 'broken') return showPage(context, resetPage(locale, found.person, typed), 422)
    bus.publish(personSubject(outcome.userId), { kind: 'recheck' })
    wake()
    return context.redirect(`/password/changed?language=${locale.language}`, 303)
  }),
  {
    method: 'GET',
    path: '/password/changed',
    admits: 'anyone',
    handle(context) {
      const locale = localeOf(context)
      const { doneTitle: title, done: words } = locale.words.reset
      return showPage(context, donePage(locale, { title, words }))
    },
  },
]

export const tokenOf = (context: Context): string => context.req.param('token') ?? ''

function dead(context: Context, locale: Locale, why: DeadLink) {
  const { title, why: reasons, newReset } = locale.words.dead
  const action = { label: newReset, href: '/password/forgot' }
  return showPage(context, deadEndPage(locale, { title, words: reasons[why], action }), 410)
}
