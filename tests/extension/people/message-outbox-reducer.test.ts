import { expect, test } from 'vitest'
import type { Instant } from '../../../entrypoints/background/clocks.ts'
import type { OutboxEntry } from '../../../entrypoints/background/people/account-threads.ts'
import {
  emptyOutbox,
  heldAfter,
  type OutboxEvent,
  type OutboxState,
  reduceOutbox,
  type Saying,
  type SayingAnswer,
  sayOutbox,
  toHold,
  waitToSayOutbox,
} from '../../../entrypoints/background/people/message-outbox-reducer.ts'

const wall = 1_800_000_000_000
const at = (mono: number): Instant => ({ mono, wall: wall + mono })

let order = 0
const entry = (key: string, contact = 'ben', more: Partial<OutboxEntry> = {}): OutboxEntry => {
  order += 1
  return { key, contact, text: `text of ${key}`, at: wall, order, n: null, refused: null, ...more }
}

/** A value, driven by events, with what it said. */
function driven(entries: readonly OutboxEntry[] = [], reads: readonly (readonly [string, number])[] = []) {
  let state: OutboxState = emptyOutbox
  const take = (event: OutboxEvent, mono = 0) => {
    state = reduceOutbox(state, event, at(mono))
  }
  const say = (mono = 0): readonly Saying[] => {
    const [after, sayings] = sayOutbox(state, at(mono))
    state = after
    return sayings
  }
  take({ type: 'restored', entries, reads: new Map(reads) })
  return {
    take,
    say,
    said: (mono = 0) => say(mono).map((saying) => (saying.what === 'send' ? saying.key : saying)),
    lease: (connection = 1, mono = 0) => take({ type: 'leased', connection }, mono),
    answer: (saying: Saying, answer: SayingAnswer, mono = 0, connection = 1) =>
      take({ type: 'answered', connection, saying, answer }, mono),
    wait: (mono = 0) => waitToSayOutbox(state, at(mono)),
    held: (mono = 0) => toHold(state, at(mono)).map(({ key }) => key),
    state: () => state,
  }
}

const saying = (key: string, contact = 'ben'): Saying => ({
  what: 'send',
  key,
  contact,
  text: `text of ${key}`,
})
const sent = (n: number): SayingAnswer => ({
  kind: 'sent',
  message: { id: `m${n}`, contact: 'ben', n, from: 'me', text: 'x', at: 1 },
})

test('PM8.9 nothing is said before a connection is proven; then of each thread the first message, and the next once it is answered', () => {
  const outbox = driven([entry('a'), entry('b'), entry('c', 'cem')])
  expect(outbox.said()).toEqual([])
  expect(outbox.wait()).toBe(null)
  outbox.lease()
  expect(outbox.said()).toEqual(['a', 'c'])
  expect(outbox.said()).toEqual([])
  outbox.answer(saying('c', 'cem'), sent(1))
  expect(outbox.said()).toEqual([])
  outbox.answer(saying('a'), sent(1))
  expect(outbox.said()).toEqual(['b'])
  outbox.answer(saying('b'), sent(2))
  expect(outbox.state().entries).toEqual([])
})

test('PM8.9 it is said again on the next connection at once, and on the same one after two leases', () => {
  const outbox = driven([entry('a')])
  outbox.lease(1)
  expect(outbox.said()).toEqual(['a'])
  outbox.lease(1)
  expect(outbox.said()).toEqual([])
  outbox.lease(1)
  expect(outbox.said()).toEqual(['a'])
  outbox.lease(2)
  expect(outbox.said()).toEqual(['a'])
  // The answer that was lost on the way comes after all, on a connection that is no more.
  outbox.answer(saying('a'), sent(1), 0, 1)
  expect(outbox.state().entries).toEqual([])
  expect(outbox.said()).toEqual([])
})

test('PM8.9 what is written before an earlier worker’s messages are known goes after them', () => {
  let state = emptyOutbox
  const old = entry('old')
  state = reduceOutbox(state, { type: 'leased', connection: 1 }, at(0))
  state = reduceOutbox(state, { type: 'written', entry: entry('new') }, at(0))
  expect(sayOutbox(state, at(0))[1]).toEqual([])
  state = reduceOutbox(state, { type: 'restored', entries: [old], reads: new Map() }, at(0))
  expect(sayOutbox(state, at(0))[1]).toEqual([saying('old')])
})

test('PM8.6 PM8.7 what its thread has, is deleted or refused for good is said no more, and the next goes', () => {
  const outbox = driven([
    entry('a'),
    entry('b'),
    entry('c'),
    entry('d'),
    entry('refused', 'ben', { refused: 'no' }),
  ])
  outbox.lease()
  expect(outbox.said()).toEqual(['a'])
  outbox.take({ type: 'arrived', keys: ['a'] })
  expect(outbox.said()).toEqual(['b'])
  outbox.answer(saying('b'), { kind: 'refused', why: 'no-such-contact', message: 'No.' })
  expect(outbox.said()).toEqual(['c'])
  outbox.take({ type: 'forgotten', key: 'c' })
  expect(outbox.said()).toEqual(['d'])
  // Sent again, what was refused goes after all others.
  outbox.take({ type: 'written', entry: entry('b') })
  expect(outbox.said()).toEqual([])
  outbox.answer(saying('d'), sent(4))
  expect(outbox.said()).toEqual(['b'])
})

test('PM8.10 a server that cannot is asked again after a while, and each time later; one that names a time, then', () => {
  const outbox = driven([entry('a')])
  outbox.lease()
  let now = 0
  const waits: number[] = []
  for (let tries = 0; tries < 7; tries += 1) {
    expect(outbox.said(now)).toEqual(['a'])
    outbox.answer(saying('a'), { kind: 'refused', why: 'unavailable', message: 'Later.' }, now)
    const wait = outbox.wait(now) ?? 0
    waits.push(wait)
    expect(outbox.said(now + wait - 1)).toEqual([])
    now += wait
  }
  expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  expect(outbox.said(now)).toEqual(['a'])
  outbox.answer(
    saying('a'),
    { kind: 'refused', why: 'too-many-attempts', message: 'Later.', retryAfter: 7 },
    now,
  )
  expect(outbox.wait(now)).toBe(7_000)
  expect(outbox.said(now + 7_000)).toEqual(['a'])
  outbox.answer(saying('a'), sent(1), now + 7_000)
  expect(outbox.state().failures).toBe(0)
})

test('PM8.10 twenty things are said at once, and then one a second', () => {
  const outbox = driven(Array.from({ length: 25 }, (_, n) => entry(`k${n}`, `contact ${n}`)))
  outbox.lease()
  expect(outbox.said()).toHaveLength(20)
  expect(outbox.wait()).toBe(1_000)
  expect(outbox.said(999)).toHaveLength(0)
  expect(outbox.said(1_000)).toEqual(['k20'])
  expect(outbox.said(3_000)).toEqual(['k21', 'k22'])
})

test('PM8.11 what has waited for four weeks is held, and no other of its thread goes before that is known', () => {
  const old = entry('old', 'ben', { at: wall - heldAfter - 1 })
  const outbox = driven([old, entry('young', 'ben', { at: wall - heldAfter + 60_000 }), entry('c', 'cem')])
  outbox.lease()
  expect(outbox.held()).toEqual(['old'])
  expect(outbox.said()).toEqual(['c'])
  outbox.take({ type: 'held', key: 'old' })
  expect(outbox.held()).toEqual([])
  expect(outbox.said()).toEqual(['young'])
})

test('PM8.12 of a thread the furthest mark is said, until it is answered; one that was read further meanwhile is said after it', () => {
  const outbox = driven([], [['ben', 3]])
  const read = (until: number): Saying => ({ what: 'read', contact: 'ben', until })
  outbox.take({ type: 'read', contact: 'ben', until: 5 })
  outbox.take({ type: 'read', contact: 'ben', until: 4 })
  outbox.lease()
  expect(outbox.say()).toEqual([read(5)])
  outbox.take({ type: 'read', contact: 'ben', until: 8 })
  expect(outbox.say()).toEqual([])
  outbox.answer(read(5), { kind: 'done' })
  expect(outbox.say()).toEqual([read(8)])
  outbox.lease(2)
  expect(outbox.say()).toEqual([read(8)])
  outbox.answer(read(8), { kind: 'done' }, 0, 2)
  expect(outbox.state().reads.size).toBe(0)
})
