import { html } from 'hono/html'
import type { Locale } from '../locales/locale.ts'
import { form } from '../pages/form-fields.ts'
import type { Html } from '../pages/layout.ts'
import type { OwnPlace } from '../places/own-places.ts'
import { moment } from './moment.ts'

/** The places by which visitors call a person: what they tell of them, and who visited. */
export function placeSection({ language, texts }: Locale, places: readonly OwnPlace[]): Html | '' {
  if (places.length === 0) return ''
  const { account } = texts.places

  const change = (what: 'agree' | 'withdraw' | 'leave', { id, name }: OwnPlace) =>
    form(
      {
        action: '/account/place',
        button: account[what],
        label: `${account[what]}: ${name}`,
        small: true,
        ...(what !== 'agree' && { kind: 'quiet' as const }),
      },
      html`<input type="hidden" name="place" value="${id}" /><input type="hidden" name="change" value="${what}" />`,
    )

  const visitors = ({ visits }: OwnPlace) =>
    visits.length === 0
      ? ''
      : html`<details class="whole">
          <summary>${account.visitors}</summary>
          <ul>
            ${visits.map(
              ({ id, name, at, state, isBlocked }) => html`<li>
                <div>
                  <p>${name}</p>
                  <p class="note">${moment(language, at)} · ${account.states[state]}</p>
                </div>
                ${
                  isBlocked
                    ? html`<span class="chip">${account.blocked}</span>`
                    : form(
                        {
                          action: '/account/visitor',
                          button: account.block,
                          label: `${account.block}: ${name}`,
                          kind: 'quiet',
                          small: true,
                        },
                        html`<input type="hidden" name="visit" value="${id}" />`,
                      )
                }
              </li>`,
            )}
          </ul>
          <p class="note">${account.blockAbout}</p>
        </details>`

  const blocked = ({ id, blocks }: OwnPlace) =>
    blocks.length === 0
      ? ''
      : html`<details class="whole">
          <summary>${account.blocked}</summary>
          <ul>
            ${blocks.map(
              ({ address, name, at }) => html`<li>
                <div>
                  <p>${name}</p>
                  <p class="note">${moment(language, at)}</p>
                </div>
                ${form(
                  {
                    action: '/account/visitor',
                    button: account.unblock,
                    label: `${account.unblock}: ${name}`,
                    kind: 'quiet',
                    small: true,
                  },
                  html`<input type="hidden" name="place" value="${id}" /><input
                      type="hidden"
                      name="address"
                      value="${address}"
                    />`,
                )}
              </li>`,
            )}
          </ul>
        </details>`

  return html`<section aria-labelledby="places">
    <h2 id="places">${account.title}</h2>
    <p class="note">${account.about}</p>
    <ul class="devices places">
      ${places.map(
        (place) => html`<li>
          <div>
            <p><strong><a href="/reach/${place.slug}">${place.name}</a></strong></p>
            ${place.isOnlyMember ? html`<p class="note">${place.hasAgreed ? account.agreed : account.only}</p>` : ''}
          </div>
          <div class="choices">
            ${place.isOnlyMember ? change(place.hasAgreed ? 'withdraw' : 'agree', place) : ''}
            ${change('leave', place)}
          </div>
          ${visitors(place)} ${blocked(place)}
        </li>`,
      )}
    </ul>
  </section>`
}
