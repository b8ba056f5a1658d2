import { expect, test } from 'vitest'
import { roomInGerman } from '../../../server/locales/room/de.ts'
import { roomInEnglish } from '../../../server/locales/room/en.ts'
import { roomInSpanish } from '../../../server/locales/room/es.ts'
import { roomInFrench } from '../../../server/locales/room/fr.ts'
import { durationMachine, durationWording } from '../../../web/room/wording.ts'

type Nested = { readonly [name: string]: string | Nested }

const placesOf = (text: string): readonly string[] => [...new Set(text.match(/\{\w+\}/g))].toSorted()

/** Each text by its path, as what it has braces for: how often is the language's own. */
const placesIn = (texts: Nested, path = ''): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) =>
      typeof text === 'string'
        ? [[`${path}${name}`, placesOf(text)] as const]
        : Object.entries(placesIn(text, `${path}${name}.`)),
    ),
  )

test.each([
  ['German', roomInGerman],
  ['Spanish', roomInSpanish],
  ['French', roomInFrench],
])('RM14.2 each text in %s says whom it is about where the English one does', (_, texts) => {
  expect(placesIn(texts)).toEqual(placesIn(roomInEnglish))
})

test('RM13.4 how long a call lasts is told in minutes and seconds, and in hours after the first', () => {
  expect([0, 9_999, 65_000, 3_599_000, 3_723_000].map(durationWording)).toEqual([
    ...['0:00', '0:09', '1:05', '59:59', '1:02:03'],
  ])
  expect(durationMachine(65_900)).toBe('PT65S')
})
