import { expect, test } from 'vitest'
import { type PlaceLight, placeTiming } from '../../../protocol/place.ts'
import {
  beginLight,
  type LightEvent,
  type LightState,
  reduceLight,
  shownLight,
} from '../../../web/place/light-reducer.ts'

const light = (more: Partial<PlaceLight> = {}): PlaceLight => ({
  ...{ slug: 'desk', name: 'Desk', state: 'reachable', validFor: 9_000, waiting: 0, why: null },
  ...{ opensAt: null, at: 1, ...more },
})

/** A page at which things happen, and what it asked. */
function page(first = light(), isSeen = true) {
  let state: LightState = beginLight(first, 0, isSeen)
  const asked: number[] = []
  return {
    asked,
    at(now: number, event: LightEvent = { kind: 'tick' }) {
      const [next, asks] = reduceLight(state, event, now)
      state = next
      if (asks !== null) asked.push(asks)
      return shownLight(state, now)
    },
  }
}

test('PV2.2 what the page came with is believed from when it was asked for, and asked for again before that is over', () => {
  const it = page()
  expect(it.at(3_999)).toMatchObject({ kind: 'known', left: 5_001 })
  expect(it.asked).toEqual([])
  it.at(4_000)
  expect(it.asked).toEqual([1])
  // Counted from the asking, and not from the answer.
  expect(it.at(6_000, { kind: 'answered', n: 1, light: light() })).toMatchObject({
    kind: 'known',
    left: 7_000,
  })
  it.at(8_000)
  expect(it.asked).toEqual([1, 2])
})

test('PV2.2 what is good for a short while is asked for again in good time', () => {
  const it = page(light({ validFor: 3_000 }))
  it.at(1_500)
  expect(it.asked).toEqual([1])
  it.at(1_600, { kind: 'answered', n: 1, light: light({ validFor: 4_000 }) })
  it.at(3_500)
  expect(it.asked).toEqual([1, 2])
})

test('PV2.2 a place that was removed is told as such at once, and asked for again', () => {
  const it = page()
  it.at(4_000)
  expect(it.at(4_100, { kind: 'gone', n: 1 })).toEqual({ kind: 'gone' })
  expect(it.at(4_200, { kind: 'gone', n: 1 })).toEqual({ kind: 'gone' })
  it.at(8_000)
  expect(it.asked).toEqual([1, 2])
  // Nothing but the answer to what was asked last says anything.
  expect(it.at(8_100, { kind: 'gone', n: 1 })).toEqual({ kind: 'gone' })
  expect(it.at(8_100, { kind: 'failed', n: 2 })).toEqual({ kind: 'no-connection' })
  it.at(12_000)
  expect(it.at(12_100, { kind: 'answered', n: 3, light: light() })).toMatchObject({ kind: 'known' })
})

test('PV2.2 what is over is not shown, and what cannot be asked is told as such', () => {
  const it = page()
  it.at(4_000)
  it.at(4_100, { kind: 'failed', n: 1 })
  expect(it.at(5_000)).toMatchObject({ kind: 'known' })
  expect(it.at(9_000)).toEqual({ kind: 'no-connection' })
  const again = it.asked.length
  it.at(9_100, { kind: 'answered', n: again, light: light({ state: 'busy' }) })
  expect(it.at(9_200)).toMatchObject({ kind: 'known', light: { state: 'busy' } })
})

test('PV2.2 an answer that comes too late is none', () => {
  const it = page()
  it.at(4_000)
  it.at(4_000 + placeTiming.answerWithin)
  expect(it.asked).toEqual([1, 2])
  it.at(8_100, { kind: 'answered', n: 1, light: light() })
  expect(it.at(9_000)).toEqual({ kind: 'no-connection' })
})

test('PV2.3 a hidden page says nothing, asks nothing, and believes no answer to what it asked before', () => {
  const it = page()
  it.at(4_000)
  expect(it.at(4_010, { kind: 'hidden' })).toEqual({ kind: 'checking' })
  expect(it.at(4_050, { kind: 'answered', n: 1, light: light() })).toEqual({ kind: 'checking' })
  for (let now = 5_000; now < 605_000; now += 1_000) it.at(now)
  expect(it.asked).toEqual([1])
  expect(it.at(605_000, { kind: 'seen' })).toEqual({ kind: 'checking' })
  expect(it.asked).toEqual([1, 2])
  expect(it.at(605_100, { kind: 'answered', n: 2, light: light() })).toMatchObject({ kind: 'known' })
  // A page that is opened behind others shows nothing either.
  expect(page(light(), false).at(1)).toEqual({ kind: 'checking' })
})

test('PV2.3 after a sleep the first look takes back what is over', () => {
  const it = page()
  expect(it.at(3_600_000)).toEqual({ kind: 'checking' })
  expect(it.asked).toEqual([1])
})

test('PV2.2 an answer is waited for, and asked for again four seconds after the asking and no sooner', () => {
  const it = page()
  it.at(4_000)
  it.at(4_050)
  it.at(4_100, { kind: 'answered', n: 1, light: light() })
  it.at(4_200)
  it.at(7_999)
  expect(it.asked).toEqual([1])
  expect(it.at(8_000)).toMatchObject({ kind: 'known', left: 5_000 })
  expect(it.asked).toEqual([1, 2])
  // It was answered, so that there is a connection is not known to be otherwise.
  expect(it.at(11_999, { kind: 'answered', n: 2, light: light() })).toMatchObject({ kind: 'known' })
  expect(it.at(100_000)).toEqual({ kind: 'checking' })
})

test('PV2.2 what failed is asked for again a second later at the soonest, and no sooner than it would have been', () => {
  const late = page()
  late.at(4_000)
  late.at(7_900, { kind: 'failed', n: 1 })
  late.at(8_899)
  expect(late.asked).toEqual([1])
  late.at(8_900)
  expect(late.asked).toEqual([1, 2])
  const soon = page()
  soon.at(4_000)
  soon.at(4_100, { kind: 'failed', n: 1 })
  soon.at(7_999)
  expect(soon.asked).toEqual([1])
  const awake = page()
  awake.at(100_000)
  awake.at(100_100, { kind: 'failed', n: 1 })
  awake.at(101_099)
  expect(awake.asked).toEqual([1])
})

test('PV2.2 what failed before says nothing of what is asked now', () => {
  const it = page()
  expect(it.at(10, { kind: 'failed', n: 9 })).toMatchObject({ kind: 'known' })
  it.at(4_000)
  it.at(8_000)
  it.at(8_100, { kind: 'failed', n: 1 })
  // What is over while an answer is awaited is not asked for twice.
  expect(it.at(9_000)).toEqual({ kind: 'no-connection' })
  expect(it.asked).toEqual([1, 2])
  expect(it.at(9_100, { kind: 'answered', n: 2, light: light() })).toMatchObject({
    kind: 'known',
    left: 7_900,
  })
})

test('PV2.2 what is over is asked for at once, and is over in the very millisecond', () => {
  const it = page()
  it.at(4_000)
  it.at(4_100, { kind: 'answered', n: 1, light: light({ validFor: 600 }) })
  expect(it.at(4_599)).toMatchObject({ kind: 'known', left: 1 })
  expect(it.asked).toEqual([1])
  expect(it.at(4_600)).toEqual({ kind: 'checking' })
  expect(it.asked).toEqual([1, 2])
  it.at(4_650, { kind: 'failed', n: 2 })
  expect(it.asked).toEqual([1, 2])
  const state = beginLight(light(), 0, true)
  expect(shownLight(state, 9_000)).toEqual({ kind: 'checking' })
})
