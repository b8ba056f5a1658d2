import { html } from 'hono/html'
import {
  brokenRules,
  keptPassword,
  longestPassword,
  type PasswordRuleName,
  shortestPassword,
} from '../accounts/password-rule.ts'
import type { PageTexts } from '../locales/pages/en.ts'
import { errorOf, type FieldError, field } from './form-fields.ts'
import type { Html } from './layout.ts'

/** What the live checklist looks for; the server decides by `passwordRules`. */
const looks = {
  capital: { pattern: '[A-Z]', rules: ['capital'] },
  small: { pattern: '[a-z]', rules: ['small'] },
  digit: { pattern: '[0-9]', rules: ['digit'] },
  other: { pattern: '[^A-Za-z0-9]', rules: ['other'] },
  length: {
    pattern: `^[^]{${shortestPassword},${longestPassword}}$`,
    rules: ['long-enough', 'not-too-long'],
  },
} as const satisfies Record<string, { pattern: string; rules: readonly PasswordRuleName[] }>

type Look = keyof typeof looks

export interface TypedPassword {
  /** As it is kept. */
  readonly password: string
  readonly errors: readonly FieldError[]
  /** Undefined while nothing was typed. */
  readonly broken: readonly PasswordRuleName[] | undefined
}

/** Reads the two password fields of a form. Two that are kept alike are alike. */
export function readPassword(words: PageTexts, typed: string, typedAgain: string): TypedPassword {
  const password = keptPassword(typed)
  if (password === '')
    return { password, errors: [{ field: 'password', words: words.password.missing }], broken: undefined }
  const broken = brokenRules(password)
  const errors: FieldError[] = []
  if (broken.includes('no-control')) errors.push({ field: 'password', words: words.password.control })
  else if (broken.length > 0) errors.push({ field: 'password', words: words.password.broken })
  else if (keptPassword(typedAgain) !== password)
    errors.push({ field: 'again', words: words.password.differ })
  return { password, errors, broken }
}

/**
 * A new password and once more the same, with the list of what it needs: live where scripts run, and told
 * by the server where they do not.
 *
 * @param broken undefined while nothing was judged.
 * @param elsewhere whether other fields had faults, so that a password that was fine has to be typed anew.
 */
export function passwordFields(
  words: PageTexts,
  errors: readonly FieldError[] = [],
  broken?: readonly PasswordRuleName[],
  elsewhere = false,
): Html {
  const own = words.password
  const lost = elsewhere && broken?.length === 0 ? own.enterAgain : undefined
  const error = errorOf(errors, 'password')
  return html`${field({
    name: 'password',
    label: own.label,
    type: 'password',
    autocomplete: 'new-password',
    describedBy: 'needs',
    hint: lost,
    error,
    autofocus: error !== undefined && errors[0]?.field === 'password',
  })}
    <div
      id="needs"
      class="needs"
      data-for="password"
      data-met="${own.met}"
      data-lacking="${own.lacking}"
      data-show="${own.show}"
      data-hide="${own.hide}"
    >
      <p>${own.needs}</p>
      <ul>
        ${Object.entries(looks).map(([look, { pattern, rules }]) => {
          const state = broken && (rules.some((rule) => broken.includes(rule)) ? 'lacking' : 'met')
          return html`<li data-pattern="${pattern}" data-state="${state ?? 'open'}">
            ${own.rules[look as Look]}<span class="aside"> ${state ? `(${own[state]})` : ''}</span>
          </li>`
        })}
      </ul>
    </div>
    ${field({
      name: 'again',
      label: own.again,
      type: 'password',
      autocomplete: 'new-password',
      error: errorOf(errors, 'again'),
      autofocus: errors[0]?.field === 'again',
    })}`
}
