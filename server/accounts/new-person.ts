import { brokenRules, type PasswordRuleName } from './password-rule.ts'
import { isUsername } from './username.ts'

/** What a person chooses when they join. As it is kept, not as it was typed. */
export interface NewPerson {
  readonly username: string
  readonly name: string
  readonly password: string
}

/** What is to be corrected, by field; nothing where all is well. */
export interface PersonErrors {
  readonly username?: 'missing' | 'rule' | 'taken'
  readonly name?: NameProblem
  readonly password?: readonly PasswordRuleName[]
}

export type NameProblem = 'missing' | 'too-long' | 'control'

export const longestName = 100

/** A name as it is kept: without the spaces around it, its letters composed. */
export const keptName = (typed: string): string => typed.normalize('NFC').trim()

/** Control characters, and those that turn the direction of what stands beside a name. */
const control = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

export function nameError(name: string): NameProblem | undefined {
  if (name === '') return 'missing'
  if ([...name].length > longestName) return 'too-long'
  return control.test(name) ? 'control' : undefined
}

/** Looks at everything that can be told without looking for others. */
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
