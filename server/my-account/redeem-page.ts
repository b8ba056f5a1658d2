import { html } from 'hono/html'
import { form } from '../pages/form-fields.ts'
import { accountPage, type Html } from '../pages/layout.ts'
import type { AccountLocale } from './account-locale.ts'
import type { Person } from './person.ts'

/** Asks somebody whom another site led here whether these are their pages. Its form keeps the code's address. */
export const redeemPage = (
  { language, own: { sure } }: AccountLocale,
  { name, username, email }: Pick<Person, 'name' | 'username' | 'email'>,
): Html =>
  accountPage(
    sure.title,
    html`<p>${sure.words(name, username ?? email)}</p>
      ${form(sure.button(name), html``)}`,
    { language },
  )
