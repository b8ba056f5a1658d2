import { html } from 'hono/html'
import { normalizedName } from '../../protocol/display-name.ts'
import { type PersonErrors, personErrors } from '../accounts/new-person.ts'
import type { Passwords } from '../accounts/passwords.ts'
import {
  type GoodRegistrationLink,
  type RegistrationLink,
  type RegistrationLinkKind,
  readRegistrationLink,
  register,
} from '../accounts/register.ts'
import type { Context, Route } from '../http/route.ts'
import type { Locale } from '../locales/locale.ts'
import { doneRoute } from './done-route.ts'
import {
  errorOf,
  errorSummary,
  type FieldError,
  field,
  focusedField,
  form,
  formPageOptions,
} from './form-fields.ts'
import { formRoute, tooOften } from './form-request.ts'
import { deadEndPage, type Html, type Notice, titledPage } from './layout.ts'
import { localeOf } from './locale-of.ts'
import type { MailedLinkDependencies } from './mailed-link-dependencies.ts'
import { passwordFields, readPassword, type TypedPassword } from './password-fields.ts'
import { showPage } from './show-page.ts'

export interface RegisterDependencies extends Omit<MailedLinkDependencies, 'wake'> {
  readonly passwords: Passwords
}

/** Making an account by a mailed link: an invitation, or the answer to a sign-up. */
export const registerRoutes = (dependencies: RegisterDependencies): Route[] => [
  ...linkRoutes(dependencies, 'invitation', '/invitation/:token'),
  ...linkRoutes(dependencies, 'sign-up', '/sign-up/:token'),
  doneRoute('/joined', ({ pages: { register: texts } }) => ({ title: texts.doneTitle, text: texts.done })),
]

function linkRoutes(dependencies: RegisterDependencies, kind: RegistrationLinkKind, path: string): Route[] {
  const { db, secret, passwords, clock, serverOrigins, clientOf } = dependencies
  return [
    {
      method: 'GET',
      path,
      admits: 'anyone',
      async handle(context) {
        const found = await readRegistrationLink(db, kind, tokenOf(context), clock.wall())
        if (found.kind !== 'good') return dead(context, kind, found)
        const { email, name, language } = found.link
        const locale = localeOf(context, language)
        return showPage(context, registerPage(locale, { email, username: '', name: name ?? '' }))
      },
    },
    formRoute(path, serverOrigins, async (context, form) => {
      const found = await readRegistrationLink(db, kind, tokenOf(context), clock.wall())
      if (found.kind !== 'good') return dead(context, kind, found)
      const { email, language } = found.link
      const locale = localeOf(context, language)
      const username = form.get('username').trim()
      const name = normalizedName(form.get('name'))
      const typed = readPassword(locale, form.get('password'), form.get('again'))
      const again = (errors: readonly FieldError[], status: 422 | 429 = 422) =>
        showPage(context, registerPage(locale, { email, username, name }, errors, typed), status)
      const invalid = (errors: PersonErrors) => again([...fieldErrors(locale, errors), ...typed.errors])
      const person = { username, name, password: typed.password }
      if (typed.errors.length > 0) return invalid(personErrors(person))
      const { address } = clientOf(context.env.incoming)
      const outcome = await register(
        { db, passwords, secret },
        found,
        { person, language: locale.language, address, origins: serverOrigins() },
        clock.wall(),
      )
      if (outcome.kind === 'invalid') return invalid(outcome.errors)
      if (outcome.kind === 'too-often') {
        const message = tooOften(context, locale, outcome.wait)
        return again([{ field: 'username', message }], 429)
      }
      if (outcome.kind !== 'registered') return dead(context, kind, outcome)
      return context.redirect(`/joined?language=${locale.language}`, 303)
    }),
  ]
}

const tokenOf = (context: Context): string => context.req.param('token') ?? ''

interface Registrant {
  readonly email: string
  readonly username: string
  readonly name: string
}

/** The form in which a person who was mailed a link makes their account. */
function registerPage(
  locale: Locale,
  { email, username, name }: Registrant,
  errors: readonly FieldError[] = [],
  typed?: TypedPassword,
): Html {
  const texts = locale.texts.pages.register
  const focus = focusedField(errors, 'username')
  return titledPage(
    texts.title,
    html`<p>${texts.opening}</p>
      ${errorSummary(locale, errors)}
      ${form(
        { button: texts.button },
        html`${field({ name: 'email', label: texts.email, type: 'email', value: email, autocomplete: 'email', readonly: true })}
        ${field({
          name: 'username',
          label: texts.username,
          value: username,
          autocomplete: 'username',
          hint: texts.usernameHint,
          error: errorOf(errors, 'username'),
          autofocus: focus === 'username',
        })}
        ${field({
          name: 'name',
          label: texts.name,
          value: name,
          autocomplete: 'name',
          error: errorOf(errors, 'name'),
          autofocus: focus === 'name',
        })}
        ${passwordFields(locale, { errors, broken: typed?.broken, elsewhere: errors.length > 0, focus })}`,
      )}`,
    { ...formPageOptions(locale, texts.title, errors), lively: true },
  )
}

function fieldErrors({ texts }: Locale, { username, name, weakness }: PersonErrors): FieldError[] {
  const { usernameErrors, nameErrors } = texts.pages.register
  const errors: FieldError[] = []
  if (username) errors.push({ field: 'username', message: usernameErrors[username] })
  if (name) errors.push({ field: 'name', message: nameErrors[name] })
  if (weakness) errors.push({ field: 'password', message: texts.pages.password.weak[weakness] })
  return errors
}

function dead(
  context: Context,
  kind: RegistrationLinkKind,
  found: Exclude<RegistrationLink, GoodRegistrationLink>,
) {
  const locale = localeOf(context)
  const { title, why, newInvitation, newSignUp, known } = locale.texts.pages.dead
  const show = (notice: Omit<Notice, 'title'>) =>
    showPage(context, deadEndPage(locale, { title, ...notice }), 410)
  if (found.kind === 'known') return show({ text: known })
  const text = why[found.why]
  return kind === 'invitation'
    ? show({ text, advice: newInvitation })
    : show({ text, action: { label: newSignUp, href: '/sign-up' } })
}
