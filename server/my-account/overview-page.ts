import { html } from 'hono/html'
import type { AccountTexts } from '../locales/account/en.ts'
import { languageNames, languages } from '../locales/language.ts'
import { errorOf, errorSummary, type FieldError, field } from '../pages/form-fields.ts'
import { accountPage, type Html } from '../pages/layout.ts'
import { actionForm, choose, tick } from './account-fields.ts'
import type { AccountLocale } from './account-locale.ts'
import type { ListedDevice } from './device-list.ts'
import { deviceSection } from './device-section.ts'
import type { Person } from './person.ts'

export type Done = keyof AccountTexts['done']

export interface Overview {
  readonly person: Person
  readonly devices: readonly ListedDevice[]
  /** What the issuer is called. */
  readonly issuer: string
  /** What was just done. */
  readonly done?: Done | undefined
  /** A name that was typed and cannot be. */
  readonly typedName?: string
  readonly errors?: readonly FieldError[]
}

/** Everything about one's own account, each thing with its own form. */
export function overviewPage(locale: AccountLocale, overview: Overview): Html {
  const { language, words, own } = locale
  const { person, devices, done, errors = [] } = overview
  return accountPage(
    own.title,
    html`${done ? html`<p class="done" role="status">${own.done[done]}</p>` : ''}
      ${errorSummary(words.summary, errors)}
      <dl>
        ${person.username ? html`<div><dt>${own.login.username}</dt><dd>${person.username}</dd></div>` : ''}
        <div><dt>${own.login.email}</dt><dd>${person.email}</dd></div>
      </dl>
      ${nameSection(locale, overview)} ${settingsSection(locale, person)} ${passwordSection(locale, overview)}
      ${deviceSection(locale, devices)} ${person.linked ? issuerSection(locale, overview) : ''}
      <section aria-labelledby="remove">
        <h2 id="remove">${own.remove.title}</h2>
        <p><a href="/account/delete">${own.remove.link}</a></p>
      </section>
      ${actionForm({ action: '/account/leave', button: own.leave, kind: 'quiet' })}`,
    { language, lively: true, ...(errors.length > 0 && { tab: words.faulty(own.title) }) },
  )
}

const nameSection = ({ own }: AccountLocale, { person, typedName, errors = [] }: Overview): Html =>
  html`<section aria-labelledby="name-title">
    <h2 id="name-title">${own.name.title}</h2>
    ${actionForm(
      { action: '/account/name', button: own.name.button },
      field({
        name: 'name',
        label: own.name.label,
        value: typedName ?? person.name,
        autocomplete: 'name',
        error: errorOf(errors, 'name'),
        autofocus: errors.length > 0,
      }),
    )}
  </section>`

const settingsSection = ({ own: { settings } }: AccountLocale, person: Person): Html =>
  html`<section aria-labelledby="settings">
    <h2 id="settings">${settings.title}</h2>
    ${actionForm(
      { action: '/account/settings', button: settings.button },
      html`${choose(
        'language',
        settings.language,
        [
          { value: '', words: settings.asBrowser },
          ...languages.map((value) => ({ value, words: languageNames[value], language: value })),
        ],
        person.language ?? '',
      )}
      ${tick('mailMissed', settings.mailMissed, person.mailMissed)}
      ${tick('mailNames', settings.mailNames, person.mailNames)}`,
    )}
  </section>`

const passwordSection = ({ own: { password } }: AccountLocale, { person, issuer }: Overview): Html =>
  html`<section aria-labelledby="password-title">
    <h2 id="password-title">${password.title}</h2>
    ${
      person.hasPassword
        ? html`<p>${password.explain}</p>
            <p><a class="button" href="/account/password">${password.change}</a></p>`
        : html`<p>${password.none(issuer)}</p>
            <p><a href="/password/forgot">${password.choose}</a></p>`
    }
  </section>`

const issuerSection = ({ own }: AccountLocale, { person, issuer }: Overview): Html =>
  html`<section aria-labelledby="issuer">
    <h2 id="issuer">${own.issuer.title(issuer)}</h2>
    <p>${own.issuer.linked(issuer, person.linked?.email ?? null)}</p>
    ${
      person.hasPassword
        ? html`<p class="note">${own.issuer.again}</p>
            ${actionForm({ action: '/account/unlink', button: own.issuer.unlink, kind: 'quiet' })}`
        : html`<p class="note">${own.issuer.onlyWay}</p>`
    }
  </section>`
