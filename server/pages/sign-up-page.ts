import { html } from 'hono/html'
import { errorOf, errorSummary, type FieldError, field, form } from './form-fields.ts'
import { accountPage, type Html } from './layout.ts'
import type { Locale } from './page-language.ts'

export function signUpPage(
  { language, words }: Locale,
  email = '',
  errors: readonly FieldError[] = [],
): Html {
  const { title, opening, email: label, button } = words.signUp
  return accountPage(
    title,
    html`<p>${opening}</p>
      ${errorSummary(words.summary, errors)}
      ${form(
        button,
        field({
          name: 'email',
          label,
          type: 'email',
          value: email,
          autocomplete: 'email',
          error: errorOf(errors, 'email'),
          autofocus: true,
        }),
      )}`,
    { language, ...(errors.length > 0 && { tab: words.faulty(title) }) },
  )
}
