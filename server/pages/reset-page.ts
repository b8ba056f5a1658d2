import { html } from 'hono/html'
import type { PersonToReset } from '../accounts/reset.ts'
import { errorSummary, field, form } from './form-fields.ts'
import { accountPage, type Html } from './layout.ts'
import type { Said } from './page-language.ts'
import { passwordFields, type TypedPassword } from './password-fields.ts'

/** The form for a new password, once a link has proven whose mailbox this is. */
export function resetPage(
  { language, words }: Said,
  { username, email }: PersonToReset,
  typed?: TypedPassword,
): Html {
  const { title, button } = words.reset
  const faults = typed?.faults ?? []
  return accountPage(
    title,
    html`${errorSummary(words.summary, faults)}
      ${form(
        button,
        html`${field({
          name: 'username',
          label: username === null ? words.reset.email : words.reset.username,
          value: username ?? email,
          autocomplete: 'username',
          readonly: true,
        })}
        ${passwordFields(words, faults, typed?.broken)}`,
      )}`,
    { language, lively: true, ...(faults.length > 0 && { tab: words.faulty(title) }) },
  )
}
