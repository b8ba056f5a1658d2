import { html } from 'hono/html'
import { errorOf, errorSummary, type FieldError, field } from '../pages/form-fields.ts'
import { accountPage, type Html } from '../pages/layout.ts'
import { actionForm } from './account-fields.ts'
import type { AccountLocale } from './account-locale.ts'
import type { Person } from './person.ts'

/** What deleting the account means: the first of two questions. */
export const deletePage = ({ language, own: { remove } }: AccountLocale): Html =>
  accountPage(
    remove.title,
    html`<p>${remove.opening}</p>
      <ul>
        ${remove.effects.map((effect) => html`<li>${effect}</li>`)}
      </ul>
      <p class="ways">
        <a class="button quiet" href="/account/delete/sure">${remove.goOn}</a>
        <a href="/account">${remove.keep}</a>
      </p>`,
    { language },
  )

export interface Deletion {
  readonly person: Person
  readonly issuer: string
  /** Whether a person without a password has just signed in at the issuer. */
  readonly fresh: boolean
}

/** The second question, which wants to be sure who answers it. */
export function surePage(
  { language, words, own }: AccountLocale,
  { person, issuer, fresh }: Deletion,
  errors: readonly FieldError[] = [],
): Html {
  const { sureTitle: title, sure, password, button, fresh: signInAnew, keep } = own.remove
  const asked = field({
    name: 'password',
    label: password,
    type: 'password',
    autocomplete: 'current-password',
    error: errorOf(errors, 'password'),
    autofocus: true,
  })
  const may = person.hasPassword || fresh
  return accountPage(
    title,
    html`<p>${sure(person.username ?? person.email)}</p>
      ${errorSummary(words.summary, errors)}
      ${
        may
          ? actionForm(
              { action: '/account/delete/sure', button, kind: 'grave' },
              person.hasPassword ? asked : '',
            )
          : html`<p>${signInAnew(issuer)}</p>`
      }
      <p class="ways"><a href="/account">${keep}</a></p>`,
    { language, ...(errors.length > 0 && { tab: words.faulty(title) }) },
  )
}
