export const shortestPassword = 8
export const longestPassword = 128

/** What a new password needs. `fits` gets it normalized. */
interface PasswordRule {
  readonly name: 'capital' | 'small' | 'digit' | 'other' | 'long-enough' | 'not-too-long' | 'no-control'
  readonly description: string
  readonly fits: (password: string) => boolean
}

export const passwordRules: readonly PasswordRule[] = [
  { name: 'capital', description: 'a capital letter A–Z', fits: (text) => /[A-Z]/.test(text) },
  { name: 'small', description: 'a small letter a–z', fits: (text) => /[a-z]/.test(text) },
  { name: 'digit', description: 'a digit 0–9', fits: (text) => /[0-9]/.test(text) },
  { name: 'other', description: 'one other character', fits: (text) => /[^A-Za-z0-9]/.test(text) },
  {
    name: 'long-enough',
    description: `at least ${shortestPassword} characters`,
    fits: (text) => lengthOf(text) >= shortestPassword,
  },
  {
    name: 'not-too-long',
    description: `at most ${longestPassword} characters`,
    fits: (text) => lengthOf(text) <= longestPassword,
  },
  // A login field cannot type them: whoever had one in a password could never log in again.
  { name: 'no-control', description: 'no control characters', fits: (text) => !/\p{Cc}/u.test(text) },
]

export type PasswordRuleName = PasswordRule['name']

/** A character is what Unicode counts as one: an emoji is one, not the two that JavaScript sees. */
const lengthOf = (text: string) => [...text].length

/**
 * A password as it is hashed: as it was typed, but without the line breaks that come along at the end of what
 * was pasted, and composed (NFC), so that the same letter typed on another keyboard is the same.
 */
export const normalizedPassword = (typed: string): string => typed.replace(/[\r\n]+$/, '').normalize('NFC')

/** The rules that a new password breaks, none when it will do. */
export const brokenRules = (password: string): PasswordRuleName[] =>
  passwordRules.filter(({ fits }) => !fits(password)).map(({ name }) => name)

/** Says what a new password lacks, in one sentence; undefined when it will do. */
export function passwordError(password: string): string | undefined {
  const lacks = passwordRules.filter(({ fits }) => !fits(password)).map(({ description }) => description)
  return lacks.length > 0 ? `The password needs ${lacks.join(', ')}.` : undefined
}
