/**
 * What may be shown as somebody's name, wherever it comes from: a person, a caller, the operator, an issuer, the
 * clinic's system, another server. The server refuses what may not, or takes something else in its place; the
 * extension, which can refuse nobody's call, shows what is left of it.
 */

/** In code points: a letter is one in every script, though an emoji of several people is several. */
export const longestName = 100

export type NameError = 'missing' | 'too-long' | 'control'

/** A name normalized: without the spaces around it, its letters composed. */
export const normalizedName = (typed: string): string => typed.normalize('NFC').trim()

/**
 * Control characters and line breaks; overrides, embeddings and isolates, which turn round what stands beside a
 * name; and what is no character at all.
 */
const unsafe = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u
const unsafeRuns = new RegExp(`${unsafe.source}+`, 'gu')

/**
 * A character that leaves ink of its own. Those that Unicode ignores where a font has nothing to draw are its
 * default ignorable ones (zero width, soft hyphens, fillers, variation selectors, tags); the last few are blank
 * though Unicode counts them as letters and signs.
 */
const visible =
  /[^\p{Z}\p{M}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{1d159}\u{13441}\u{13442}]/u

/** What is wrong with a normalized name; undefined when it will do. One of which nothing can be seen is missing. */
export function nameError(name: string): NameError | undefined {
  if (name === '') return 'missing'
  if (unsafe.test(name)) return 'control'
  if (!visible.test(name)) return 'missing'
  return [...name].length > longestName ? 'too-long' : undefined
}

/**
 * A name as it can be shown, whatever it was: nothing that is not safe, and not longer than a name is.
 *
 * @returns '' when nothing is left to be seen. A name that will do is returned as it is.
 */
export function shownName(name: string): string {
  // A line that is longer than any name is not looked through whole.
  const safe = name.slice(0, 4_000).replace(unsafeRuns, ' ').trim()
  const letters = [...safe]
  const short = letters.length > longestName ? letters.slice(0, longestName - 1).join('') : safe
  if (!visible.test(short)) return ''
  return short === safe ? safe : `${short.trimEnd()}…`
}
