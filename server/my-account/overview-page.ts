import { html } from 'hono/html'
import type { AccountWords } from '../locales/account/en.ts'
import { languageNames, languages } from '../locales/language.ts'
import { errorSummary, type Fault, faultOf, field } from '../pages/form-fields.ts'
import { accountPage, type Html } from '../pages/layout.ts'
import { choose, ownForm, tick } from './account-fields.ts'
import type { OwnSaid } from './account-locale.ts'
import type { ListedDevice } from './device-list.ts'
import { deviceSection } from './device-section.ts'
import type { Person } from './person.ts'

export type Done = keyof AccountWords['done']

export interface Overview {
  readonly person: Person
  readonly devices: readonly ListedDevice[]
  /** What the issuer is called. */
  readonly issuer: string
  /** What was just done. */
  readonly done?: Done | undefined
  /** A name that was typed and cannot be. */
  readonly typedName?: string
  readonly faults?: readonly Fault[]
}

/** Everything about one's own account, each thing with its own form. */
export function overviewPage(said: OwnSaid, overview: Overview): Html {
  const { language, words, own } = said
  const { person, devices, done, faults = [] } = overview
  return accountPage(
    own.title,
    html`${done ? html`<p class="done" role="status">${own.done[done]}</p>` : ''}
      ${errorSummary(words.summary, faults)}
      <dl>
        ${person.username ? html`<div><dt>${own.login.username}</dt><dd>${person.username}</dd></div>` : ''}
        <div><dt>${own.login.email}</dt><dd>${person.email}</dd></div>
      </dl>
      ${nameSection(said, overview)} ${settingsSection(said, person)} ${passwordSection(said, overview)}
      ${deviceSection(said, devices)} ${person.linked ? issuerSection(said, overview) : ''}
      <section aria-labelledby="remove">
        <h2 id="remove">${own.remove.title}</h2>
        <p><a href="/account/delete">${own.remove.link}</a></p>
      </section>
      ${ownForm({ action: '/account/leave', button: own.leave, kind: 'quiet' })}`,
    { language, lively: true, ...(faults.length > 0 && { tab: words.faulty(own.title) }) },
  )
}

const nameSection = ({ own }: OwnSaid, { person, typedName, faults = [] }: Overview): Html =>
  html`<section aria-labelledby="name-title">
    <h2 id="name-title">${own.name.title}</h2>
    ${ownForm(
      { action: '/account/name', button: own.name.button },
      field({
        name: 'name',
        label: own.name.label,
        value: typedName ?? person.name,
        autocomplete: 'name',
        error: faultOf(faults, 'name'),
        autofocus: faults.length > 0,
      }),
    )}
  </section>`

const settingsSection = ({ own: { settings } }: OwnSaid, person: Person): Html =>
  html`<section aria-labelledby="settings">
    <h2 id="settings">${settings.title}</h2>
    ${ownForm(
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

const passwordSection = ({ own: { password } }: OwnSaid, { person, issuer }: Overview): Html =>
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

const issuerSection = ({ own }: OwnSaid, { person, issuer }: Overview): Html =>
  html`<section aria-labelledby="issuer">
    <h2 id="issuer">${own.issuer.title(issuer)}</h2>
    <p>${own.issuer.linked(issuer, person.linked?.email ?? null)}</p>
    ${
      person.hasPassword
        ? html`<p class="note">${own.issuer.again}</p>
            ${ownForm({ action: '/account/unlink', button: own.issuer.unlink, kind: 'quiet' })}`
        : html`<p class="note">${own.issuer.onlyWay}</p>`
    }
  </section>`
