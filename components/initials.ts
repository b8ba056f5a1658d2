const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** A word counts by its letters and digits; the rest of `(Ann)` or `O’Neil` is dress. */
const first = (word: string): string => [...graphemes.segment(word)][0]?.segment.toLocaleUpperCase() ?? ''

const bare = (word: string): string => word.replace(/^[\p{P}\p{S}]+(?=[\p{L}\p{N}])/u, '')

/**
 * One or two characters that stand for a person: of the first and the last word of their name, else of
 * what they sign in with, else `?`.
 */
export function initials(name: string, fallback = ''): string {
  const words = name
    .split(/\s+/u)
    .map(bare)
    .filter((word) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(word))
  const [head = '', last = ''] = [words[0], words.length > 1 ? words.at(-1) : '']
  return first(head) + first(last) || first(bare(fallback.trim())) || '?'
}
