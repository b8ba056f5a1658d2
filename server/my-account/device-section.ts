import { html } from 'hono/html'
import type { Language } from '../locales/language.ts'
import type { Html } from '../pages/layout.ts'
import { actionForm } from './account-fields.ts'
import type { AccountLocale } from './account-locale.ts'
import type { ListedDevice } from './device-list.ts'

/** Where a person is signed in, each with the way to end it. */
export function deviceSection({ language, own }: AccountLocale, devices: readonly ListedDevice[]): Html {
  const words = own.devices
  return html`<section aria-labelledby="devices">
    <h2 id="devices">${words.title}</h2>
    <ul class="devices">
      ${devices.map(({ sessionId, browser, system, address, seenAt, here }) => {
        const name = browser && system ? words.on(browser, system) : (browser ?? system ?? words.unknown)
        return html`<li>
          <div>
            <p><strong>${name}</strong>${here ? html` <span class="here">${words.here}</span>` : ''}</p>
            <p class="note">${words.from(address)}</p>
            <p class="note">${words.seen}: ${moment(language, seenAt)}</p>
          </div>
          ${actionForm(
            { action: '/account/device', button: words.out, label: words.outOf(name), kind: 'quiet' },
            html`<input type="hidden" name="session" value="${sessionId}" />`,
          )}
        </li>`
      })}
    </ul>
    ${devices.length > 1 ? actionForm({ action: '/account/devices', button: words.others, kind: 'quiet' }) : ''}
  </section>`
}

/** A time as UTC; where scripts run they put it into the time of the place. */
function moment(language: Language, at: number): Html {
  const date = new Date(at)
  const options = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const
  const words = new Intl.DateTimeFormat(language, options).format(date)
  return html`<time datetime="${date.toISOString()}">${words} UTC</time>`
}
