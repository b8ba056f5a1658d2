import { setImmediate } from 'node:timers/promises'
import { type EstimateGuesses, loadEstimator, longestEstimated } from './guess-estimator.ts'

/** What somebody is called by, in whatever way. */
export interface Named {
  readonly username: string | null
  readonly name: string
  readonly email: string
}

/** A person's own names, which are part of no password. */
export const namesOf = ({ username, name, email }: Named): string[] => [
  ...(username === null ? [] : [username]),
  name,
  email,
]

/** What makes a password easy to guess. */
export type Weakness =
  /** It is built on the person's own name, username or address, or on the name of the place. */
  | 'own'
  /** Keys beside each other, repeats, sequences and dates. */
  | 'pattern'
  /** A common password, word or name with something before or after it. */
  | 'common'

const easy = 'The password is easy to guess:'
const better = 'Three or four words that do not belong together are better, or what a password manager makes.'

/** Says it to operators and to the clinic's system. */
export const weaknessSentences: Readonly<Record<Weakness, string>> = {
  own: `${easy} it is built on the person's name or address, or on the name of this place. ${better}`,
  pattern: `${easy} it is mostly keys beside each other, a repetition, a sequence or a date. ${better}`,
  common: `${easy} it is a common password, word or name with something added. ${better}`,
}

/**
 * A password takes at least so many guesses. It is as much as can be asked: of random passwords of eight characters,
 * the shortest that there are, one in a thousand is said to take less, and of longer ones none. At 60 ms each a core
 * needs a week for as many.
 */
const leastGuesses = 1e7

/**
 * What its letters alone take at least, where it has eight or more and they are most of it: whatever is put around a word
 * is guessed first.
 */
const leastGuessesOfLetters = 1e5

/**
 * Looks whether a new password is one of those that are guessed first.
 *
 * @param password normalized.
 * @param own what is known of the person and the place: names, addresses, origins, as they are.
 * @returns undefined when it is none. Takes a few ms, and a quarter of a second the first time in a process.
 */
export function weaknessOf(password: string, own: readonly string[] = []): Promise<Weakness | undefined> {
  const found = looking.then(() => setImmediate()).then(() => look(password, own))
  looking = found.catch(() => {})
  return found
}

/**
 * The last one that is looked at. Nothing else is done meanwhile, so they are looked at one by one, and between two all
 * else has its turn: with a link in hand one can send hundreds, and no device is to wait for them.
 */
let looking: Promise<unknown> = Promise.resolve()

async function look(password: string, own: readonly string[]): Promise<Weakness | undefined> {
  const estimate = await loadEstimator()
  const rest = withoutOwnWords(password, own)
  // What is the person's own counts for nothing.
  if (rest !== password && isGuessable(estimate, rest)) return 'own'
  if (!isGuessable(estimate, password)) return undefined
  const parts = estimate(password).parts.filter(({ pattern }) => pattern !== 'decoration')
  const patterns = parts.filter(({ pattern }) => ['spatial', 'repeat', 'sequence', 'date'].includes(pattern))
  return lengthOf(patterns) * 2 > lengthOf(parts) ? 'pattern' : 'common'
}

const lengthOf = (parts: readonly { readonly token: string }[]) =>
  parts.reduce((sum, { token }) => sum + token.length, 0)

function isGuessable(estimate: EstimateGuesses, password: string): boolean {
  const takes = (text: string, least: number) => estimate(text).guesses >= least
  const letters = password.replace(/[^\p{L}]/gu, '').toLowerCase()
  const isOfLetters = letters.length >= 8 && letters.length * 3 >= password.length * 2
  if (isOfLetters && !ends(letters).some((end) => takes(end, leastGuessesOfLetters))) return true
  return !ends(password).some((end) =>
    waysToWrite(end).every((way) => takes(way, way === end ? leastGuesses : leastGuesses / 4)),
  )
}

/** A long password is as good as the better of its ends. */
const ends = (text: string): string[] =>
  text.length <= longestEstimated ? [text] : [text.slice(0, longestEstimated), text.slice(-longestEstimated)]

const shifted = '~!@#$%^&*()_+{}|:"<>?'
const unshifted = "`1234567890-=[]\\;',./"

/** As it is, in small letters, and as it would be without the shift key: words and rows of keys are seen in each. */
function waysToWrite(text: string): string[] {
  const small = text.toLowerCase()
  const keys = [...small].map((sign) => unshifted[shifted.indexOf(sign)] ?? sign).join('')
  return [...new Set([text, small, keys])]
}

/** A text without what stands in `own`, however it is written: `@nn` is Ann. */
function withoutOwnWords(text: string, own: readonly string[]): string {
  const signs = [...text]
  let folded = signs.map(fold).join('')
  for (const word of ownWords(own)) {
    const gone = '\0'.repeat(word.length)
    // Three letters are in many a good password by chance: one of them stays.
    folded = folded.replaceAll(word, word.length > 3 ? gone : `${gone.slice(1)}\u0001`)
  }
  return signs.filter((_, place) => folded[place] !== '\0').join('')
}

/** The longest first; what has fewer than three letters is in many a good password. */
const ownWords = (own: readonly string[]): string[] =>
  own
    .flatMap((text) => text.normalize('NFC').split(/[^\p{L}\p{N}]+/u))
    .map((word) => [...word].map(fold).join(''))
    .filter((word) => word.length >= 3)
    .sort((a, b) => b.length - a.length)

const writtenFor: Readonly<Record<string, string>> = {
  4: 'a',
  '@': 'a',
  3: 'e',
  0: 'o',
  1: 'i',
  '!': 'i',
  l: 'i',
  '|': 'i',
  5: 's',
  $: 's',
  7: 't',
  '+': 't',
}

/** One sign as one sign: without case and accent, and the letter that a digit is written for. */
function fold(sign: string): string {
  const [bare = sign] = sign.normalize('NFD').toLowerCase()
  return writtenFor[bare] ?? (bare.length === 1 ? bare : '\uffff')
}
