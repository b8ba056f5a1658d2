import { html } from 'hono/html'
import { errorOf, errorSummary, type FieldError, field, form } from './form-fields.ts'
import { accountPage, type Html } from './layout.ts'
import type { Locale } from './page-language.ts'
import { passwordFields, type TypedPassword } from './password-fields.ts'

export interface Joiner {
  readonly email: string
  readonly username: string
  readonly name: string
}

/** The form in which a person who was mailed a link makes their account. */
export function joinPage(
  { language, words }: Locale,
  { email, username, name }: Joiner,
  errors: readonly FieldError[] = [],
  typed?: TypedPassword,
): Html {
  const own = words.join
  const first = errors[0]?.field ?? 'username'
  return accountPage(
    own.title,
    html`<p>${own.opening}</p>
      ${errorSummary(words.summary, errors)}
      ${form(
        own.button,
        html`${field({ name: 'email', label: own.email, type: 'email', value: email, autocomplete: 'email', readonly: true })}
        ${field({
          name: 'username',
          label: own.username,
          value: username,
          autocomplete: 'username',
          hint: own.usernameHint,
          error: errorOf(errors, 'username'),
          autofocus: first === 'username',
        })}
        ${field({
          name: 'name',
          label: own.name,
          value: name,
          autocomplete: 'name',
          error: errorOf(errors, 'name'),
          autofocus: first === 'name',
        })}
        ${passwordFields(words, errors, typed?.broken, errors.length > 0)}`,
      )}`,
    { language, lively: true, ...(errors.length > 0 && { tab: words.faulty(own.title) }) },
  )
}
