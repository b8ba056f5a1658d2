import { html } from 'hono/html'
import { errorOf, errorSummary, type FieldError, field, form } from '../pages/form-fields.ts'
import { accountPage, type Html } from '../pages/layout.ts'
import { passwordFields, type TypedPassword } from '../pages/password-fields.ts'
import type { AccountLocale } from './account-locale.ts'
import type { Person } from './person.ts'

/** The form in which a person who knows their password chooses another. */
export function passwordPage(
  { language, words, own }: AccountLocale,
  { username, email }: Person,
  errors: readonly FieldError[] = [],
  typed?: TypedPassword,
): Html {
  const { change: title, button, old, others, forgot } = own.password
  return accountPage(
    title,
    html`<p>${others}</p>
      ${errorSummary(words.summary, errors)}
      ${form(
        button,
        html`${field({
          name: 'username',
          label: username === null ? own.login.email : own.login.username,
          value: username ?? email,
          autocomplete: 'username',
          readonly: true,
        })}
        ${field({
          name: 'old',
          label: old,
          type: 'password',
          autocomplete: 'current-password',
          error: errorOf(errors, 'old'),
          autofocus: errors.length === 0 || errors[0]?.field === 'old',
        })}
        ${passwordFields(words, errors, typed?.broken, errors.length > 0)}`,
      )}
      <p class="ways"><a href="/account">${own.back}</a> <a href="/password/forgot">${forgot}</a></p>`,
    { language, lively: true, ...(errors.length > 0 && { tab: words.faulty(title) }) },
  )
}
