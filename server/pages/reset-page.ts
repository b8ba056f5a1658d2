import { html } from 'hono/html'
import type { PersonToReset } from '../accounts/reset.ts'
import { errorSummary, field, form } from './form-fields.ts'
import { accountPage, type Html } from './layout.ts'
import type { Locale } from './page-language.ts'
import { passwordFields, type TypedPassword } from './password-fields.ts'

/** The form for a new password, once a link has proven whose mailbox this is. */
export function resetPage(
  { language, words }: Locale,
  { username, email }: PersonToReset,
  typed?: TypedPassword,
): Html {
  const { title, button } = words.reset
  const errors = typed?.errors ?? []
  return accountPage(
    title,
    html`${errorSummary(words.summary, errors)}
      ${form(
        button,
        html`${field({
          name: 'username',
          label: username === null ? words.reset.email : words.reset.username,
          value: username ?? email,
          autocomplete: 'username',
          readonly: true,
        })}
        ${passwordFields(words, errors, typed?.broken)}`,
      )}`,
    { language, lively: true, ...(errors.length > 0 && { tab: words.faulty(title) }) },
  )
}
