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
import type { OwnPlace } from '../places/own-places.ts'
import type { ApartPeople } from './apart-people.ts'
import { apartSection } from './apart-section.ts'
import type { ListedDevice } from './devices.ts'
import type { Done } from './done-notice.ts'
import { moment } from './moment.ts'
import type { Person } from './person.ts'
import { placeSection } from './place-section.ts'

type MyAccountTexts = Texts['myAccount']

export interface Overview {
  readonly person: Person
  readonly devices: readonly ListedDevice[]
  /** Whom they removed or blocked. */
  readonly apart: ApartPeople
  /** By which visitors call them. */
  readonly places: readonly OwnPlace[]
  /** When it was looked where those are, wall-clock ms. */
  readonly madeAt: number
  /** What the issuer is called. */
  readonly issuer: string
  /** What was just done. */
  readonly done?: Done | undefined
  /** A name that was typed and cannot be. */
  readonly typedName?: string
  readonly errors?: readonly FieldError[]
}

/** Everything about one's own account, each thing with its own form, in the order in which it is wanted: deleting it last. */
export function overviewPage(locale: Locale, overview: Overview): Html {
  const texts = locale.texts.myAccount
  const { person, done, errors = [] } = overview
  return titledPage(
    texts.title,
    html`<div class="close">
        ${form({ action: '/account/leave', button: texts.leave, kind: 'quiet', small: true })}
      </div>
      ${done ? html`<p class="done" role="status">${texts.done[done]}</p>` : ''}
      ${errorSummary(locale, errors)} ${personSection(texts, overview)} ${passwordSection(texts, overview)}
      ${deviceSection(locale, overview)} ${placeSection(locale, overview.places)}
      ${settingsSection(texts, person)}
      ${apartSection(locale, overview.apart)}
      ${person.linked ? issuerSection(texts, overview) : ''}
      <section class="apart" aria-label="${texts.remove.title}">
        <p><a class="button button--danger button--small" href="/account/delete">${texts.remove.link}</a></p>
        <p class="note">${texts.remove.about}</p>
      </section>`,
    { ...formPageOptions(locale, texts.title, errors), lively: true },
  )
}

const personSection = ({ name, login }: MyAccountTexts, { person, typedName, errors = [] }: Overview): Html =>
  html`<section aria-labelledby="person">
    <h2 id="person">${name.title}</h2>
    <dl>
      ${person.username ? html`<div><dt>${login.username}</dt><dd>${person.username}</dd></div>` : ''}
      <div><dt>${login.email}</dt><dd>${person.email}</dd></div>
    </dl>
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

const passwordSection = ({ password }: MyAccountTexts, { person, issuer }: Overview): Html =>
  html`<section aria-labelledby="password-title">
    <h2 id="password-title">${password.title}</h2>
    ${
      person.hasPassword
        ? html`<p><a class="button" href="/account/password">${password.change}</a></p>`
        : html`<p>${password.none(issuer)}</p>
            <p><a class="button" href="/password/forgot">${password.choose}</a></p>`
    }
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
      ${checkbox('mailUnread', settings.mailUnread, person.mailUnread)}
      ${checkbox('mailNames', settings.mailNames, person.mailNames)}
      ${checkbox('tellsRead', settings.tellsRead, person.tellsRead)}`,
    )}
  </section>`

const issuerSection = ({ issuer: texts }: MyAccountTexts, { person, issuer }: Overview): Html =>
  html`<section aria-labelledby="issuer">
    <h2 id="issuer">${texts.title(issuer)}</h2>
    <p>${texts.linked(issuer, person.linked?.email ?? null)}</p>
    ${
      person.hasPassword
        ? html`<p><a class="button" href="/account/unlink">${texts.unlink}</a></p>`
        : html`<p class="note">${texts.onlyWay}</p>`
    }
  </section>`

/** Where a person is logged in, each with the way to end it. */
function deviceSection({ language, texts }: Locale, { devices, madeAt }: Overview): Html {
  const {
    title,
    on,
    unknown,
    here: thisDevice,
    from,
    untilClosed,
    out,
    outOf,
    others,
  } = texts.myAccount.devices
  return html`<section aria-labelledby="devices">
    <h2 id="devices">${title}</h2>
    <ul class="devices">
      ${devices.map((device) => {
        const { sessionId, browser, system, address, here, endsWithBrowser, provenFor } = device
        const mayBeClosed = endsWithBrowser && !here && provenFor === undefined
        const name = browser && system ? on(browser, system) : (browser ?? system ?? unknown)
        return html`<li>
          <div>
            <p><strong>${name}</strong>${here ? html` <span class="chip">${thisDevice}</span>` : ''}</p>
            ${whenSeen(language, texts.myAccount.devices, device, madeAt)}
            <p class="note">${from(address)}</p>
            ${mayBeClosed ? html`<p class="note">${untilClosed}</p>` : ''}
          </div>
          ${form(
            { action: '/account/device', button: out, label: outOf(name), kind: 'quiet', small: true },
            html`<input type="hidden" name="session" value="${sessionId}" />`,
          )}
        </li>`
      })}
    </ul>
    ${devices.length > 1 ? form({ action: '/account/devices', button: others, kind: 'quiet' }) : ''}
  </section>`
}

/**
 * A page is a snapshot: it says when a call would have rung on a device, and its script says "now" only for as long as
 * the lease that proves it lasts.
 */
function whenSeen(
  language: Language,
  { onNow, onWhenLoaded, seen }: MyAccountTexts['devices'],
  { provenFor, seenAt }: ListedDevice,
  madeAt: number,
): Html {
  if (provenFor === undefined) return html`<p class="note">${seen} ${moment(language, seenAt)}</p>`
  return html`<p class="note" data-proven-for="${provenFor}">
    <span class="chip on" hidden>${onNow}</span><span>${onWhenLoaded} ${moment(language, madeAt)}</span>
  </p>`
}
