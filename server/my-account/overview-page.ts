import { html } from 'hono/html'
import { type Language, languageNames, languages } from '../locales/language.ts'
import type { Locale, Texts } from '../locales/locale.ts'
import {
  checkbox,
  errorOf,
  errorSummary,
  type FieldError,
  field,
  form,
  formPageOptions,
  select,
} from '../pages/form-fields.ts'
import { type Html, titledPage } from '../pages/layout.ts'
import type { ListedDevice } from './devices.ts'
import type { Done } from './done-notice.ts'
import type { Person } from './person.ts'

type MyAccountTexts = Texts['myAccount']

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
export function overviewPage(locale: Locale, overview: Overview): Html {
  const texts = locale.texts.myAccount
  const { title, login, leave, remove } = texts
  const { person, devices, done, errors = [] } = overview
  return titledPage(
    title,
    html`${done ? html`<p class="done" role="status">${texts.done[done]}</p>` : ''}
      ${errorSummary(locale, errors)}
      <dl>
        ${person.username ? html`<div><dt>${login.username}</dt><dd>${person.username}</dd></div>` : ''}
        <div><dt>${login.email}</dt><dd>${person.email}</dd></div>
      </dl>
      ${nameSection(texts, overview)} ${settingsSection(texts, person)} ${passwordSection(texts, overview)}
      ${deviceSection(locale, devices)} ${person.linked ? issuerSection(texts, overview) : ''}
      <section aria-labelledby="remove">
        <h2 id="remove">${remove.title}</h2>
        <p><a href="/account/delete">${remove.link}</a></p>
      </section>
      ${form({ action: '/account/leave', button: leave, kind: 'quiet' })}`,
    { ...formPageOptions(locale, title, errors), lively: true },
  )
}

const nameSection = ({ name }: MyAccountTexts, { person, typedName, errors = [] }: Overview): Html =>
  html`<section aria-labelledby="name-title">
    <h2 id="name-title">${name.title}</h2>
    ${form(
      { action: '/account/name', button: name.button },
      field({
        name: 'name',
        label: name.label,
        value: typedName ?? person.name,
        autocomplete: 'name',
        error: errorOf(errors, 'name'),
        autofocus: errors.length > 0,
      }),
    )}
  </section>`

const settingsSection = ({ settings }: MyAccountTexts, person: Person): Html =>
  html`<section aria-labelledby="settings">
    <h2 id="settings">${settings.title}</h2>
    ${form(
      { action: '/account/settings', button: settings.button },
      html`${select(
        'language',
        settings.language,
        [
          { value: '', label: settings.asBrowser },
          ...languages.map((value) => ({ value, label: languageNames[value], language: value })),
        ],
        person.language ?? '',
      )}
      ${checkbox('mailMissed', settings.mailMissed, person.mailMissed)}
      ${checkbox('mailNames', settings.mailNames, person.mailNames)}`,
    )}
  </section>`

const passwordSection = ({ password }: MyAccountTexts, { person, issuer }: Overview): Html =>
  html`<section aria-labelledby="password-title">
    <h2 id="password-title">${password.title}</h2>
    ${
      person.hasPassword
        ? html`<p>${password.explain}</p>
            <p><a class="button button--primary" href="/account/password">${password.change}</a></p>`
        : html`<p>${password.none(issuer)}</p>
            <p><a href="/password/forgot">${password.choose}</a></p>`
    }
  </section>`

const issuerSection = ({ issuer: texts }: MyAccountTexts, { person, issuer }: Overview): Html =>
  html`<section aria-labelledby="issuer">
    <h2 id="issuer">${texts.title(issuer)}</h2>
    <p>${texts.linked(issuer, person.linked?.email ?? null)}</p>
    ${
      person.hasPassword
        ? html`<p class="note">${texts.again}</p>
            <p><a class="button" href="/account/unlink">${texts.unlink}</a></p>`
        : html`<p class="note">${texts.onlyWay}</p>`
    }
  </section>`

/** Where a person is signed in, each with the way to end it. */
function deviceSection({ language, texts }: Locale, devices: readonly ListedDevice[]): Html {
  const { title, on, unknown, here: thisDevice, from, seen, out, outOf, others } = texts.myAccount.devices
  return html`<section aria-labelledby="devices">
    <h2 id="devices">${title}</h2>
    <ul class="devices">
      ${devices.map(({ sessionId, browser, system, address, seenAt, here }) => {
        const name = browser && system ? on(browser, system) : (browser ?? system ?? unknown)
        return html`<li>
          <div>
            <p><strong>${name}</strong>${here ? html` <span class="here">${thisDevice}</span>` : ''}</p>
            <p class="note">${from(address)}</p>
            <p class="note">${seen}: ${moment(language, seenAt)}</p>
          </div>
          ${form(
            { action: '/account/device', button: out, label: outOf(name), kind: 'quiet' },
            html`<input type="hidden" name="session" value="${sessionId}" />`,
          )}
        </li>`
      })}
    </ul>
    ${devices.length > 1 ? form({ action: '/account/devices', button: others, kind: 'quiet' }) : ''}
  </section>`
}

/** A time as UTC; where scripts run they put it into the time of the place. */
function moment(language: Language, at: number): Html {
  const date = new Date(at)
  const options = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const
  const text = new Intl.DateTimeFormat(language, options).format(date)
  return html`<time datetime="${date.toISOString()}">${text} UTC</time>`
}
