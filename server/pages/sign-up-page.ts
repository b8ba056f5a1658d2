import { html } from 'hono/html'
import { errorSummary, type Fault, faultOf, field, form } from './form-fields.ts'
import { accountPage, type Html } from './layout.ts'
import type { Said } from './page-language.ts'

export function signUpPage({ language, words }: Said, email = '', faults: readonly Fault[] = []): Html {
  const { title, opening, email: label, button } = words.signUp
  return accountPage(
    title,
    html`<p>${opening}</p>
      ${errorSummary(words.summary, faults)}
      ${form(
        button,
        field({
          name: 'email',
          label,
          type: 'email',
          value: email,
          autocomplete: 'email',
          error: faultOf(faults, 'email'),
          autofocus: true,
        }),
      )}`,
    { language, ...(faults.length > 0 && { tab: words.faulty(title) }) },
  )
}
