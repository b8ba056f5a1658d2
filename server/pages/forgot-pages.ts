import { html } from 'hono/html'
import { errorOf, errorSummary, type FieldError, field, form } from './form-fields.ts'
import { accountPage, type Html } from './layout.ts'
import type { Locale } from './page-language.ts'

export function forgotPage(
  { language, words }: Locale,
  login = '',
  errors: readonly FieldError[] = [],
): Html {
  const { title, opening, login: label, button } = words.forgot
  return accountPage(
    title,
    html`<p>${opening}</p>
      ${errorSummary(words.summary, errors)}
      ${form(
        button,
        field({
          name: 'login',
          label,
          value: login,
          autocomplete: 'username',
          error: errorOf(errors, 'login'),
          autofocus: true,
        }),
      )}`,
    { language, ...(errors.length > 0 && { tab: words.faulty(title) }) },
  )
}

/** The same whoever asked for whom. */
export const forgotSentPage = ({ language, words }: Locale): Html =>
  accountPage(
    words.forgot.sentTitle,
    html`<p role="status">${words.forgot.sent}</p>
      <p>${words.forgot.nothing}</p>
      <p><a href="/password/forgot">${words.forgot.again}</a></p>`,
    { language },
  )
