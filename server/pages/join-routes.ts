import type { Auth } from '../accounts/auth.ts'
import { type JoinLink, join, type LinkToJoin, readJoin } from '../accounts/join.ts'
import { keptName, type PersonErrors, personErrors } from '../accounts/new-person.ts'
import type { Context, Route } from '../http/route.ts'
import type { AskDependencies } from './forgot-routes.ts'
import type { FieldError } from './form-fields.ts'
import { formRoute } from './form-request.ts'
import { joinPage } from './join-page.ts'
import { deadEndPage, donePage } from './notice-page.ts'
import { type Locale, localeOf } from './page-language.ts'
import { readPassword } from './password-fields.ts'
import { tokenOf } from './reset-routes.ts'
import { showPage } from './show-page.ts'
import { tooOften } from './too-often.ts'

export interface JoinDependencies extends Omit<AskDependencies, 'wake'> {
  readonly auth: Auth
}

/** Making an account by a mailed link: an invitation, or the answer to a sign-up. */
export const joinRoutes = (dependencies: JoinDependencies): Route[] => [
  ...linkRoutes(dependencies, 'invitation', '/invitation/:token'),
  ...linkRoutes(dependencies, 'sign-up', '/sign-up/:token'),
  {
    method: 'GET',
    path: '/joined',
    admits: 'anyone',
    handle(context) {
      const locale = localeOf(context)
      const { doneTitle: title, done: words } = locale.words.join
      return showPage(context, donePage(locale, { title, words }))
    },
  },
]

const linkRoutes = (
  { db, auth, clock, publicUrl, clientAddressOf }: JoinDependencies,
  kind: JoinLink,
  path: string,
): Route[] => [
  {
    method: 'GET',
    path,
    admits: 'anyone',
    async handle(context) {
      const found = await readJoin(db, kind, tokenOf(context), clock.wall())
      if (found.kind !== 'good') return dead(context, kind, found)
      const { email, name, language } = found.link
      return showPage(
        context,
        joinPage(localeOf(context, language), { email, username: '', name: name ?? '' }),
      )
    },
  },
  formRoute(path, publicUrl, async (context, form) => {
    const token = tokenOf(context)
    const found = await readJoin(db, kind, token, clock.wall())
    if (found.kind !== 'good') return dead(context, kind, found)
    const locale = localeOf(context, found.link.language)
    const username = form.get('username').trim()
    const name = keptName(form.get('name'))
    const typed = readPassword(locale.words, form.get('password'), form.get('again'))
    const again = (errors: PersonErrors) => {
      const all = [...errorTexts(locale, errors), ...typed.errors]
      return showPage(context, joinPage(locale, { email: found.link.email, username, name }, all, typed), 422)
    }
    const person = { username, name, password: typed.password }
    if (typed.errors.length > 0) return again(personErrors(person))
    const outcome = await join(
      { db, auth },
      { kind, token, person, language: locale.language, address: clientAddressOf(context) },
      clock.wall(),
    )
    if (outcome.kind === 'invalid') return again(outcome.errors)
    if (outcome.kind === 'too-often') {
      const errors = [{ field: 'username', words: tooOften(context, locale.words, outcome.retryAfter) }]
      return showPage(
        context,
        joinPage(locale, { email: found.link.email, username, name }, errors, typed),
        429,
      )
    }
    if (outcome.kind !== 'joined') return dead(context, kind, outcome)
    return context.redirect(`/joined?language=${locale.language}`, 303)
  }),
]

function errorTexts({ words }: Locale, { username, name }: PersonErrors): FieldError[] {
  const errors: FieldError[] = []
  if (username) errors.push({ field: 'username', words: words.join.usernameErrors[username] })
  if (name) errors.push({ field: 'name', words: words.join.nameErrors[name] })
  return errors
}

function dead(context: Context, kind: JoinLink, found: Exclude<LinkToJoin, { readonly kind: 'good' }>) {
  const locale = localeOf(context)
  const { title, why, newInvitation, newSignUp, known } = locale.words.dead
  if (found.kind === 'known') return showPage(context, deadEndPage(locale, { title, words: known }), 410)
  const notice = { title, words: why[found.why] }
  return showPage(
    context,
    deadEndPage(
      locale,
      kind === 'invitation'
        ? { ...notice, advice: newInvitation }
        : { ...notice, action: { label: newSignUp, href: '/sign-up' } },
    ),
    410,
  )
}
