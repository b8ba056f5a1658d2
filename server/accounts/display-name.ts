export type NameError = 'missing' | 'too-long' | 'control'

export const longestName = 100

/** A name normalized: without the spaces around it, its letters composed. */
export const normalizedName = (typed: string): string => typed.normalize('NFC').trim()

/** Control characters, and those that turn the direction of what stands beside a name. */
const control = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/** What is wrong with a normalized name by which people are shown; undefined when it will do. */
export function nameError(name: string): NameError | undefined {
  if (name === '') return 'missing'
  if ([...name].length > longestName) return 'too-long'
  return control.test(name) ? 'control' : undefined
}
