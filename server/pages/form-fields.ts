import { html } from 'hono/html'
import type { Locale } from '../locales/locale.ts'
import { type Html, type TitledPageOptions, titledPage } from './layout.ts'

/** One labelled field. Everything that a person typed is escaped on its way into the page. */
export interface Field {
  /** Its name in the form, and its id. */
  readonly name: string
  readonly label: string
  readonly type?: 'text' | 'email' | 'password'
  readonly value?: string
  /** What the browser may fill in; see the HTML standard. */
  readonly autocomplete: string
  readonly hint?: string | undefined
  /** What is to be corrected. */
  readonly error?: string | undefined
  readonly autofocus?: boolean
  /** Shown to be read and copied, not to be changed. */
  readonly readonly?: boolean
  /** The id of something else that explains the field. */
  readonly describedBy?: string
}

export function field(given: Field): Html {
  const { name, label, type = 'text', value = '', autocomplete, hint, error, describedBy } = given
  const about = [hint && `${name}-hint`, error && `${name}-error`, describedBy].filter(Boolean).join(' ')
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : ''}
    ${error ? html`<p class="error" id="${name}-error">${error}</p>` : ''}
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      value="${type === 'password' ? '' : value}"
      autocomplete="${autocomplete}"
      autocapitalize="none"
      spellcheck="false"
      ${about ? html`aria-describedby="${about}"` : ''}
      ${error ? html`aria-invalid="true"` : ''}
      ${given.autofocus ? html`autofocus` : ''}
      ${given.readonly ? html`readonly` : html`required`}
    />
  </div>`
}

/** What is wrong, by the name of its field: above the form, so that nobody has to look for it. */
export interface FieldError {
  readonly field: string
  readonly message: string
}

export const errorSummary = ({ texts }: Locale, errors: readonly FieldError[]): Html | '' =>
  errors.length === 0
    ? ''
    : html`<div class="errors" role="alert">
        <p>${texts.pages.summary(errors.length)}</p>
        <ul>
          ${errors.map(({ field: name, message }) => html`<li><a href="#${name}">${message}</a></li>`)}
        </ul>
      </div>`

/** What is wrong with one field; undefined when nothing is. */
export const errorOf = (errors: readonly FieldError[], name: string): string | undefined =>
  errors.find((error) => error.field === name)?.message

/**
 * The field that has the focus when a page with a form opens: the first that is wrong, or else the first of all. Not the
 * summary: a screen reader says the tab's title, which begins with "Error:", and then the field with what is wrong with it,
 * and whoever types goes on where something is to be typed.
 */
export const focusedField = (errors: readonly FieldError[], first: string): string =>
  errors[0]?.field ?? first

/** How a page with a form is laid out: its tab says when something has to be corrected. */
export const formPageOptions = (
  { language, texts }: Locale,
  title: string,
  errors: readonly FieldError[],
): TitledPageOptions => ({
  language,
  ...(errors.length > 0 && { tab: texts.pages.errorTitle(title) }),
})

export interface FormOptions {
  /** Its own address by default. With another, many can stand on one page. */
  readonly action?: string
  readonly button: string
  /** What else the button is called where it stands beside others of its kind; begins with `button`. */
  readonly label?: string
  /** `quiet` for what is seldom wanted, `grave` for what cannot be undone. */
  readonly kind?: 'quiet' | 'grave'
  /** For one of many, or one that is not what the page is for. */
  readonly small?: boolean
}

const buttonClass = ({ kind, small }: Pick<FormOptions, 'kind' | 'small'>) =>
  ['button', kind !== 'quiet' && `button--${kind ?? 'primary'}`, small && 'button--small']
    .filter(Boolean)
    .join(' ')

/** A form, checked by the server alone, so that everyone is told in the same words. */
export const form = ({ action, button, label, ...look }: FormOptions, content: Html | '' = ''): Html =>
  html`<form method="post" ${action ? html`action="${action}"` : ''} novalidate>
    ${content}
    <button type="submit" class="${buttonClass(look)}" ${label ? html`aria-label="${label}"` : ''}>
      ${button}
    </button>
  </form>`

/** A page that asks for one thing, in a field that has the focus. */
export function questionPage(
  locale: Locale,
  { title, opening, button }: { readonly title: string; readonly opening: string; readonly button: string },
  asked: Field,
  errors: readonly FieldError[],
): Html {
  return titledPage(
    title,
    html`<p>${opening}</p>
      ${errorSummary(locale, errors)}
      ${form({ button }, field({ ...asked, error: errorOf(errors, asked.name), autofocus: true }))}`,
    formPageOptions(locale, title, errors),
  )
}

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
    <select id="${name}" name="${name}" autocomplete="off">
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
    <input id="${name}" name="${name}" type="checkbox" value="on" ${on ? html`checked` : ''} autocomplete="off" />
    <label for="${name}">${label}</label>
  </div>`
