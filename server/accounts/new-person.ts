import { brokenRules, type PasswordRuleName } from './password-rule.ts'
import { isUsername } from './username.ts'

/** What a person chooses when they join. As it is kept, not as it was typed. */
export interface NewPerson {
  readonly username: string
  readonly name: string
  readonly password: string
}

/** What is to be corrected, by field; nothing where all is well. */
export interface PersonFaults {
  readonly username?: 'missing' | 'rule' | 'taken'
  readonly name?: NameFault
  readonly password?: readonly PasswordRuleName[]
}

export type NameFault = 'missing' | 'too-long' | 'control'

export const longestName = 100

/** A name as it is kept: without the spaces around it, its letters composed. */
export const keptName = (typed: string): string => typed.normalize('NFC').trim()

/** Control characters, and those that turn the direction of what stands beside a name. */
const control = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

export function nameFault(name: string): NameFault | undefined {
  if (name === '') return 'missing'
  if ([...name].length > longestName) return 'too-long'
  return control.test(name) ? 'control' : undefined
}

/** Looks at everything that can be told without looking for others. */
export function personFaults({ username, name, password }: NewPerson): PersonFaults {
  const usernameFault = username === '' ? 'missing' : isUsername(username) ? undefined : 'rule'
  const fault = nameFault(name)
  const rules = brokenRules(password)
  return {
    ...(usernameFault && { username: usernameFault }),
    ...(fault && { name: fault }),
    ...(rules.length > 0 && { password: rules }),
  }
}
