import { expect, test } from 'vitest'
import { lightText, type PlaceLight, type VisitView } from '../../../protocol/place.ts'
import { languages } from '../../../server/locales/language.ts'
import { localeIn } from '../../../server/locales/locale.ts'
import { lightSentence as serverSentence } from '../../../server/places/place-page.ts'
import type { VisitOutcome } from '../../../web/place/visit-reducer.ts'
import {
  lightSentence,
  outcomeSentence,
  standingSentence,
  waitingSentence,
} from '../../../web/place/wording.ts'

const light = (more: Partial<PlaceLight>): PlaceLight => ({
  ...{
    slug: 'desk',
    name: 'Desk',
    state: 'closed',
    validFor: 1,
    waiting: 0,
    why: null,
    opensAt: null,
    at: 1,
  },
  ...more,
})
const outcomes: readonly VisitOutcome[] = [
  ...(['declined', 'unanswered', 'unreachable', 'cancelled', 'left', 'full', 'blocked', 'no-room'] as const),
  ...(['not-now', 'not-known', 'too-many', 'hung-up', 'failed', 'gone'] as const),
]

test.each(languages)(
  'PV2.5 PV3.4 PV3.5 each light, each place in the line and each end has its sentence: %s',
  (language) => {
    const texts = localeIn(language).texts.places.page
    const lights = [
      ...(['reachable', 'busy', 'unknown'] as const).map((state) => light({ state })),
      ...(['hours', 'nobody', 'shut'] as const).map((why) => light({ why })),
    ]
    const views: VisitView[] = [1, 2, 3, 4, 17].map((position) => ({
      ...{ id: 'v', state: 'queued', position, ringing: 0, room: null, standing: '' },
    }))
    for (const ringing of [0, 1, 2, 3])
      views.push({ id: 'v', state: 'calling', position: null, ringing, room: null, standing: '' })
    const sentences = [
      ...lights.map((one) => lightSentence(texts, { kind: 'known', light: one, left: 1 }, 'Desk')),
      ...(['checking', 'no-connection', 'gone'] as const).map((kind) =>
        lightSentence(texts, { kind }, 'Desk'),
      ),
      ...views.map((one) => standingSentence(texts, one, 'Desk')),
      ...outcomes.filter((one) => one !== 'not-now').map((one) => outcomeSentence(texts, one, 'Desk', 30)),
      ...[1, 2].map((waiting) =>
        waitingSentence(texts, { kind: 'known', light: light({ waiting }), left: 1 }),
      ),
    ]
    const noRoom = lightSentence(texts, { kind: 'known', light: light({ why: 'no-room' }), left: 1 }, 'Desk')
    expect(sentences).toContain(noRoom)
    expect(sentences.filter((sentence) => sentence === '' || /[{}]/.test(sentence))).toEqual([])
    expect(new Set(sentences).size).toBe(sentences.length)
    expect(standingSentence(texts, { ...views[4], position: 17 } as VisitView, 'Desk')).toContain('17')
    // Nobody whose place is not known is told that they are next.
    const nowhere = standingSentence(texts, { ...views[0], position: null } as VisitView, 'Desk')
    expect(nowhere).toBe(texts.calling.replace('{place}', 'Desk'))
  },
)

const told = [
  ...(['reachable', 'busy', 'unknown'] as const).map((state) => [light({ state }), state] as const),
  ...(['nobody', 'hours', 'shut'] as const).map((why) => [light({ why }), why] as const),
  [light({ why: null }), 'nobody'],
  [light({ why: 'no-room' }), 'shut'],
] as const

test.each(languages)('PV2.5 PV2.1 the page and its script say one sentence of each light: %s', (language) => {
  const { places } = localeIn(language).texts
  for (const [one, text] of told) {
    expect(lightText(one)).toBe(text)
    const sentence = places.page[text].replace('{place}', 'Desk')
    expect(serverSentence(places, one)).toBe(sentence)
    expect(lightSentence(places.page, { kind: 'known', light: one, left: 1 }, 'Desk')).toBe(sentence)
  }
})
