import { html } from 'hono/html'
import { errorSummary, type Fault, faultOf, field, form } from '../pages/form-fields.ts'
import { accountPage, type Html } from '../pages/layout.ts'
import { passwordFields, type TypedPassword } from '../pages/password-fields.ts'
import type { OwnSaid } from './account-locale.ts'
import type { Person } from './person.ts'

/** The form in which a person who knows their password chooses another. */
export function passwordPage(
  { language, words, own }: OwnSaid,
  { username, email }: Person,
  faults: readonly Fault[] = [],
  typed?: TypedPassword,
): Html {
  const { change: title, button, old, others, forgot } = own.password
  return accountPage(
    title,
    html`<p>${others}</p>
      ${errorSummary(words.summary, faults)}
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
          error: faultOf(faults, 'old'),
          autofocus: faults.length === 0 || faults[0]?.field === 'old',
        })}
        ${passwordFields(words, faults, typed?.broken, faults.length > 0)}`,
      )}
      <p class="ways"><a href="/account">${own.back}</a> <a href="/password/forgot">${forgot}</a></p>`,
    { language, lively: true, ...(faults.length > 0 && { tab: words.faulty(title) }) },
  )
}
