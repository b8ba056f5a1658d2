import { html } from 'hono/html'
import type { Html } from '../pages/layout.ts'

export interface ActionForm {
  readonly action: string
  readonly button: string
  /** What else the button is called where it stands beside others of its kind; begins with `button`. */
  readonly label?: string
  /** `quiet` for what is seldom wanted, `grave` for what cannot be undone. */
  readonly kind?: 'quiet' | 'grave'
}

/** A form that posts to an address of its own, so that many can stand on one page. */
export const actionForm = ({ action, button, label, kind }: ActionForm, content: Html | '' = ''): Html =>
  html`<form method="post" action="${action}" novalidate>
    ${content}
    <button type="submit" ${kind ? html`class="${kind}"` : ''} ${label ? html`aria-label="${label}"` : ''}>
      ${button}
    </button>
  </form>`

export interface Choice {
  readonly value: string
  readonly label: string
  /** The language that the label is in, if it is not the page's. */
  readonly language?: string
}

/** One of several, by a list to choose from. */
export const select = (name: string, label: string, choices: readonly Choice[], chosen: string): Html =>
  html`<div class="field">
    <label for="${name}">${label}</label>
    <select id="${name}" name="${name}">
      ${choices.map(
        ({ value, label: choice, language }) =>
          html`<option
            value="${value}"
            ${language ? html`lang="${language}"` : ''}
            ${value === chosen ? html`selected` : ''}
          >
            ${choice}
          </option>`,
      )}
    </select>
  </div>`

/** Something that is on or off. */
export const checkbox = (name: string, label: string, on: boolean): Html =>
  html`<div class="tick">
    <input id="${name}" name="${name}" type="checkbox" value="on" ${on ? html`checked` : ''} />
    <label for="${name}">${label}</label>
  </div>`
