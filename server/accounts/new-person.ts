import { longestName, type NameError, nameError } from '../../protocol/display-name.ts'
import { isUsername } from './login-name.ts'
import { brokenRules, type PasswordRuleName } from './password-rule.ts'
import type { Weakness } from './password-strength.ts'

/** What a name has to be, for operators. */
export const nameRule = `A name has 1 to ${longestName} characters, something of it to be seen, and no line breaks or control characters.`

/** What is chosen for a new account, by its person or for them. Normalized, not as it was typed. */
export interface NewPerson {
  readonly username: string
  readonly name: string
  readonly password: string
}

/** What is to be corrected, by field; nothing where all is well. */
export interface PersonErrors {
  readonly username?: 'missing' | 'rule' | 'taken'
  readonly name?: NameError
  readonly password?: readonly PasswordRuleName[]
  /** Of a password that breaks no rule. */
  readonly weakness?: Weakness
}

/** Looks at everything that can be told at once, without looking for others. */
export function personErrors({ username, name, password }: NewPerson): PersonErrors {
  const usernameError = username === '' ? 'missing' : isUsername(username) ? undefined : 'rule'
  const error = nameError(name)
  const rules = brokenRules(password)
  return {
    ...(usernameError && { username: usernameError }),
    ...(error && { name: error }),
    ...(rules.length > 0 && { password: rules }),
  }
}
