import { setImmediate } from 'node:timers/promises'
import type { MatchExtended, MatcherConstructor, MatchOptions, ZxcvbnFactory } from '@zxcvbn-ts/core'

/** So many characters of a text are looked at: the time that it takes grows with their square. */
export const longestEstimated = 32

export interface Estimate {
  /** How many guesses it takes somebody who knows what people choose. */
  readonly guesses: number
  /** The parts that it is guessed by. */
  readonly parts: readonly { readonly pattern: string; readonly token: string }[]
}

export type EstimateGuesses = (text: string) => Estimate

let loading: Promise<EstimateGuesses> | undefined

/**
 * zxcvbn with the words, names and passwords of our four languages. Loaded when it is first asked for, since it takes a
 * quarter of a second, a tenth at most at a time, and 85 MB from then on; what failed is tried again.
 */
export function loadEstimator(): Promise<EstimateGuesses> {
  loading ??= load().catch((error) => {
    loading = undefined
    throw error
  })
  return loading
}

async function load(): Promise<EstimateGuesses> {
  const core = await import('@zxcvbn-ts/core')
  const common = await inBetween(() => import('@zxcvbn-ts/language-common'))
  const { dictionary: en } = await inBetween(() => import('@zxcvbn-ts/language-en'))
  const { dictionary: de } = await inBetween(() => import('@zxcvbn-ts/language-de'))
  const { dictionary: fr } = await inBetween(() => import('@zxcvbn-ts/language-fr'))
  const { dictionary: es } = await inBetween(() => import('@zxcvbn-ts/language-es-es'))
  // A few lists of all languages: each costs a look-up for every part of a text.
  const dictionary = {
    sets: inTurn(missing, ...[en, fr, es].flatMap(sets), walks()),
    passwords: await inBetween(() => inTurn(common.dictionary['passwords-common'])),
    // The one name that zxcvbn knows to be a list without an order.
    diceware: common.dictionary['diceware-common'],
    words: await inBetween(() =>
      inTurn(en['commonWords-en'], de.commonWords, fr['commonWords-fr'], es['commonWords-es-es']),
    ),
    names: await inBetween(() =>
      inTurn(
        ...[en['firstnames-en'], de.firstnames, fr['firstnames-fr'], es['firstnames-es-es']],
        ...[en['lastnames-en'], de.lastnames, fr['lastnames-fr'], es['lastnames-es-es']],
      ),
    ),
    wikipedia: await inBetween(() =>
      inTurn(en['wikipedia-en'], de.wikipedia, fr['wikipedia-fr'], es['wikipedia-es-es']),
    ),
  }
  const options = {
    dictionary,
    graphs: common.adjacencyGraphs,
    l33tTable: signsForLetters,
    l33tMaxSubstitutions: 8,
    maxLength: longestEstimated,
  }
  const decoration = { Matching: decorationMatcher(core), scoring: guessesOfDecoration, feedback: () => null }
  const zxcvbn = await inBetween(() => new core.ZxcvbnFactory(options, { decoration }))
  return (text) => estimate(zxcvbn, text)
}

/** Lets heartbeats be answered before it goes on. */
async function inBetween<T>(work: () => T): Promise<Awaited<T>> {
  await setImmediate()
  return await work()
}

function estimate(zxcvbn: ZxcvbnFactory, text: string): Estimate {
  const { guesses, sequence } = zxcvbn.check(text)
  return { guesses, parts: sequence.map(({ pattern, token }) => ({ pattern, token })) }
}

/** Zxcvbn's list of passwords is English, and its German has no sets: what people choose in our other languages. */
const missing =
  `passwort kennwort geheim hallo schatz motdepasse bonjour soleil doudou contraseña contrasena clave hola
  bienvenido bienvenue willkommen januar februar märz april mai juni juli august september oktober november dezember
  frühling sommer herbst winter montag dienstag mittwoch donnerstag freitag samstag sonntag`.split(/\s+/)

/** Months, seasons, planets and the like, which a language has in lists of their own. */
const sets = (language: Readonly<Record<string, string[]>>): string[][] =>
  Object.entries(language).flatMap(([name, list]) =>
    /^(commonWords|firstnames|lastnames|wikipedia)/.test(name) ? [] : [list],
  )

/** What comes later on a list takes too many guesses to be called easy, whatever is put around it. */
const longestList = 60_000

/** The first of each list, then the second of each: what is common in one language is common. */
function inTurn(...lists: readonly (readonly string[])[]): string[] {
  const all = new Set<string>()
  const longest = Math.max(...lists.map(({ length }) => length))
  for (let place = 0; place < longest && all.size < longestList; place += 1)
    for (const list of lists) {
      const word = list[place]
      if (word !== undefined) all.add(word)
    }
  // Else it would be found on every list, as what every object has by that name.
  all.add('constructor')
  return [...all]
}

const keyboards = [
  ['1234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'],
  ['1234567890ß', 'qwertzuiopü', 'asdfghjklöä', 'yxcvbnm'],
  ['1234567890', 'azertyuiop', 'qsdfghjklm', 'wxcvbn'],
  ['1234567890', 'qwertyuiop', 'asdfghjklñ', 'zxcvbnm'],
]

/** Rows of keys and what stands below each other, there and back, from three keys on. */
function walks(): string[] {
  const lines = keyboards.flatMap((rows) => [
    ...rows,
    ...Array.from({ length: 10 }, (_, column) => rows.map((row) => row[column] ?? '').join('')),
  ])
  const found = lines.flatMap((line) => {
    const parts: string[] = []
    for (let from = 0; from < line.length; from += 1)
      for (let to = from + 3; to <= line.length; to += 1) parts.push(line.slice(from, to))
    return parts
  })
  return found.flatMap((part) => [part, [...part].reverse().join('')])
}

/** Signs that people write for letters. zxcvbn's own list has pairs of them too, which hide more than they find. */
const signsForLetters = {
  a: ['4', '@'],
  b: ['8'],
  c: ['(', '<'],
  e: ['3', '€'],
  g: ['6', '9'],
  i: ['1', '!'],
  l: ['1', '|'],
  o: ['0'],
  s: ['$', '5'],
  t: ['7', '+'],
  z: ['2'],
}

/** Digits and signs that a word is given in front or behind, so that it is taken for a password. */
const inFront = /^[^\p{L}]{1,8}(?=[\p{L}\d$@!])/u
const behind = /[^\p{L}]{1,10}$/u

function decorationMatcher({ MatcherBaseClass }: typeof import('@zxcvbn-ts/core')): MatcherConstructor {
  return class extends MatcherBaseClass {
    /** Every part of what is there: the rest may be letters of the word, written as signs. */
    match({ password }: MatchOptions): MatchExtended[] {
      const [front = ''] = inFront.exec(password) ?? []
      const [back = ''] = behind.exec(password) ?? []
      const last = password.length - 1
      const found = [
        ...Array.from(front, (_, j) => ({ i: 0, j })),
        ...Array.from(back, (_, place) => ({ i: last - place, j: last })),
      ]
      return found
        .map(({ i, j }) => ({ pattern: 'decoration', token: password.slice(i, j + 1), i, j }))
        .filter(({ token }) => token.length < password.length)
    }
  }
}

/** In which order people who guess try them, roughly: this year, `123` and `!` come first. */
function guessesOfDecoration({ token }: MatchExtended): number {
  const signs = [...token.replace(/\d/g, '')]
  const alike = signs.every((sign) => sign === signs[0])
  const ofSigns = (alike ? signs.slice(0, 1) : signs).reduce(
    (product, sign) => product * guessesOfSign(sign),
    1,
  )
  return 2 * ofSigns * guessesOfDigits(token.replace(/\D/g, ''))
}

const guessesOfSign = (sign: string) => (sign === '!' ? 3 : '.?$*@#-_+ ,&%'.includes(sign) ? 10 : 33)

function guessesOfDigits(digits: string): number {
  if (digits === '') return 1
  if ('1234567890'.startsWith(digits)) return 5
  if (/^20[012]\d$/.test(digits)) return 15
  if (/^(19|20)\d\d$/.test(digits)) return 60
  return /^(\d)\1+$/.test(digits) ? 20 : 10 ** digits.length / 3
}
