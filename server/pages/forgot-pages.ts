import { html } from 'hono/html'
import { errorSummary, type Fault, faultOf, field, form } from './form-fields.ts'
import { accountPage, type Html } from './layout.ts'
import type { Said } from './page-language.ts'

export function forgotPage({ language, words }: Said, login = '', faults: readonly Fault[] = []): Html {
  const { title, opening, login: label, button } = words.forgot
  return accountPage(
    title,
    html`<p>${opening}</p>
      ${errorSummary(words.summary, faults)}
      ${form(
        button,
        field({
          name: 'login',
          label,
          value: login,
          autocomplete: 'username',
          error: faultOf(faults, 'login'),
          autofocus: true,
        }),
      )}`,
    { language, ...(faults.length > 0 && { tab: words.faulty(title) }) },
  )
}

/** The same whoever asked for whom. */
export const forgotSentPage = ({ language, words }: Said): Html =>
  accountPage(
    words.forgot.sentTitle,
    html`<p role="status">${words.forgot.sent}</p>
      <p>${words.forgot.nothing}</p>
      <p><a href="/password/forgot">${words.forgot.again}</a></p>`,
    { language },
  )
