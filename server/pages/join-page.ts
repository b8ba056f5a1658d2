import { html } from 'hono/html'
import { errorSummary, type Fault, faultOf, field, form } from './form-fields.ts'
import { accountPage, type Html } from './layout.ts'
import type { Said } from './page-language.ts'
import { passwordFields, type TypedPassword } from './password-fields.ts'

export interface Joiner {
  readonly email: string
  readonly username: string
  readonly name: string
}

/** The form in which a person who was mailed a link makes their account. */
export function joinPage(
  { language, words }: Said,
  { email, username, name }: Joiner,
  faults: readonly Fault[] = [],
  typed?: TypedPassword,
): Html {
  const own = words.join
  const first = faults[0]?.field ?? 'username'
  return accountPage(
    own.title,
    html`<p>${own.opening}</p>
      ${errorSummary(words.summary, faults)}
      ${form(
        own.button,
        html`${field({ name: 'email', label: own.email, type: 'email', value: email, autocomplete: 'email', readonly: true })}
        ${field({
          name: 'username',
          label: own.username,
          value: username,
          autocomplete: 'username',
          hint: own.usernameHint,
          error: faultOf(faults, 'username'),
          autofocus: first === 'username',
        })}
        ${field({
          name: 'name',
          label: own.name,
          value: name,
          autocomplete: 'name',
          error: faultOf(faults, 'name'),
          autofocus: first === 'name',
        })}
        ${passwordFields(words, faults, typed?.broken, faults.length > 0)}`,
      )}`,
    { language, lively: true, ...(faults.length > 0 && { tab: words.faulty(own.title) }) },
  )
}
