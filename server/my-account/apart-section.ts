import { html } from 'hono/html'
import type { Locale } from '../locales/locale.ts'
import { form } from '../pages/form-fields.ts'
import type { Html } from '../pages/layout.ts'
import type { ApartPeople } from './apart-people.ts'
import { moment } from './moment.ts'

type Change = 'ask' | 'block' | 'unblock' | 'forget'

/** Whom a person removed or blocked, and what the blocked did: kept, though nobody was told of it. */
export function apartSection(
  { language, texts: { myAccount } }: Locale,
  { removed, blocked }: ApartPeople,
): Html | '' {
  if (removed.length === 0 && blocked.length === 0) return ''
  const texts = myAccount.apart
  const change = (what: Change, { id, name }: { readonly id: string; readonly name: string }) =>
    form(
      {
        action: '/account/contact',
        button: texts[what],
        label: `${texts[what]}: ${name}`,
        kind: 'quiet',
        small: true,
      },
      html`<input type="hidden" name="person" value="${id}" /><input
          type="hidden"
          name="change"
          value="${what}"
        />`,
    )
  const named = ({ name, username }: { readonly name: string; readonly username: string | null }) =>
    html`<p><strong>${name}</strong>${username === null ? '' : html` ${username}`}</p>`
  return html`<section aria-labelledby="apart">
    <h2 id="apart" tabindex="-1">${texts.title}</h2>
    ${
      blocked.length === 0
        ? ''
        : html`<h3>${texts.blocked}</h3>
            <p class="note">${texts.blockedAbout}</p>
            <ul class="devices">
              ${blocked.map(
                (person) => html`<li>
                  <div>
                    ${named(person)}
                    <p class="note">${texts.blockedSince} ${moment(language, person.since)}</p>
                    ${
                      person.kept.length === 0
                        ? ''
                        : html`<details>
                            <summary>${texts.kept}</summary>
                            <ul>
                              ${person.kept.map(
                                ({ at, text }) =>
                                  html`<li>
                                    <p class="note">
                                      ${text === undefined ? texts.called : texts.wrote} ${moment(language, at)}
                                    </p>
                                    ${text === undefined ? '' : html`<p class="kept" dir="auto">${text}</p>`}
                                  </li>`,
                              )}
                            </ul>
                          </details>`
                    }
                  </div>
                  <div class="choices">${change('unblock', person)}</div>
                </li>`,
              )}
            </ul>`
    }
    ${
      removed.length === 0
        ? ''
        : html`<h3>${texts.removed}</h3>
            <p class="note">${texts.removedAbout}</p>
            <ul class="devices">
              ${removed.map(
                (person) => html`<li>
                  <div>
                    ${named(person)}
                    <p class="note">${texts.removedSince} ${moment(language, person.since)}</p>
                    ${person.isAsked ? html`<p class="note">${texts.asked}</p>` : ''}
                  </div>
                  <div class="choices">
                    ${person.isAsked ? '' : change('ask', person)} ${change('block', person)}
                    ${change('forget', person)}
                  </div>
                </li>`,
              )}
            </ul>`
    }
  </section>`
}
