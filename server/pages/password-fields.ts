import { html } from 'hono/html'
import {
  brokenRules,
  longestPassword,
  normalizedPassword,
  type PasswordRuleName,
  shortestPassword,
} from '../accounts/password-rule.ts'
import type { Weakness } from '../accounts/password-strength.ts'
import type { Locale } from '../locales/locale.ts'
import { errorOf, type FieldError, field } from './form-fields.ts'
import type { Html } from './layout.ts'

/** What the checklist has, and what its script looks for; the server decides by the password rules. */
const requirements = {
  capital: { pattern: '[A-Z]', rules: ['capital'] },
  small: { pattern: '[a-z]', rules: ['small'] },
  digit: { pattern: '[0-9]', rules: ['digit'] },
  other: { pattern: '[^A-Za-z0-9]', rules: ['other'] },
  length: {
    pattern: `^[^]{${shortestPassword},${longestPassword}}$`,
    rules: ['long-enough', 'not-too-long'],
  },
} as const satisfies Record<string, { pattern: string; rules: readonly PasswordRuleName[] }>

type Requirement = keyof typeof requirements

export interface TypedPassword {
  /** Normalized. */
  readonly password: string
  readonly errors: readonly FieldError[]
  /** Undefined while nothing was typed. */
  readonly broken: readonly PasswordRuleName[] | undefined
}

/** Reads the two password fields of a form. Two that are alike when normalized are alike. */
export function readPassword({ texts }: Locale, typed: string, typedAgain: string): TypedPassword {
  const messages = texts.pages.password
  const password = normalizedPassword(typed)
  if (password === '')
    return { password, errors: [{ field: 'password', message: messages.missing }], broken: undefined }
  const broken = brokenRules(password)
  const errors: FieldError[] = []
  if (broken.includes('no-control')) errors.push({ field: 'password', message: messages.control })
  else if (broken.length > 0) errors.push({ field: 'password', message: messages.broken })
  else if (normalizedPassword(typedAgain) !== password)
    errors.push({ field: 'password', message: messages.differ })
  return { password, errors, broken }
}

/** What was typed, as one that is easy to guess. */
export const asWeak = ({ texts }: Locale, typed: TypedPassword, why: Weakness): TypedPassword => ({
  ...typed,
  errors: [{ field: 'password', message: texts.pages.password.weak[why] }],
})

export interface PasswordFields {
  readonly errors?: readonly FieldError[]
  /** Undefined while nothing was judged. */
  readonly broken?: readonly PasswordRuleName[] | undefined
  /** Whether other fields had errors, so that a password that was fine has to be typed anew. */
  readonly elsewhere?: boolean
  /** The field of the form that has the focus, by its name. */
  readonly focus?: string
}

/**
 * A new password and once more the same, with the list of what it needs: live where scripts run, and told
 * by the server where they do not. A password is never sent back: where the one that was sent lacked nothing of the
 * list, the fields stand there as untouched, and the list with them.
 */
export function passwordFields(
  locale: Locale,
  { errors = [], broken, elsewhere = false, focus }: PasswordFields = {},
): Html {
  const texts = locale.texts.pages.password
  const error = errorOf(errors, 'password')
  const lost = elsewhere && broken?.length === 0 && error === undefined ? texts.enterAgain : undefined
  const lacks = (rules: readonly PasswordRuleName[]) => rules.some((rule) => broken?.includes(rule))
  const judged = Object.values(requirements).some(({ rules }) => lacks(rules))
  return html`${field({
    name: 'password',
    label: texts.label,
    type: 'password',
    autocomplete: 'new-password',
    describedBy: 'needs',
    hint: lost,
    error,
    autofocus: focus === 'password',
  })}
    <div
      id="needs"
      class="needs"
      data-for="password"
      data-again="again"
      data-met="${texts.met}"
      data-lacking="${texts.lacking}"
      data-show="${texts.show}"
      data-hide="${texts.hide}"
      data-differ="${texts.differ}"
      data-error-title="${locale.texts.pages.errorTitle('{title}')} – Reachable"
    >
      <p>${texts.needs}</p>
      <ul>
        ${Object.entries(requirements).map(([requirement, { pattern, rules }]) => {
          const state = judged ? (lacks(rules) ? 'lacking' : 'met') : undefined
          return html`<li data-pattern="${pattern}" data-state="${state ?? 'open'}">
            ${texts.rules[requirement as Requirement]}<span class="aside"> ${state ? `(${texts[state]})` : ''}</span>
          </li>`
        })}
      </ul>
      <p>${texts.hard}</p>
    </div>
    ${field({ name: 'again', label: texts.again, type: 'password', autocomplete: 'new-password' })}`
}
