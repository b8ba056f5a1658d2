import { expect, test } from 'vitest'
import type { Instant } from '../../../entrypoints/background/clocks.ts'
import {
  type ContactPresenceEvent,
  type ContactPresences,
  nextPresenceLook,
  nobodyWatched,
  type PresenceFrame,
  presenceView,
  reducePresence,
} from '../../../entrypoints/background/people/contact-presence-reducer.ts'
import type { ContactPresence } from '../../../protocol/people.ts'

const wall = 1_800_000_000_000
const at = (mono: number, byWall = mono): Instant => ({ mono: 50 + mono, wall: wall + byWall })

const presence = (
  contact: string,
  sees: ContactPresence['sees'],
  validFor: number | null,
): ContactPresence => ({
  contact,
  sees,
  until: null,
  validFor,
})
const frame = (of: readonly ContactPresence[], more: Partial<PresenceFrame> = {}): PresenceFrame => ({
  type: 'presence',
  n: 2,
  version: 1,
  whole: true,
  more: false,
  of: [...of],
  ...more,
})
const heard = (
  of: readonly ContactPresence[],
  more: Partial<PresenceFrame> = {},
  connection = 1,
): ContactPresenceEvent => ({ type: 'heard', connection, frame: frame(of, more) })

const wanted = { type: 'wanted', whom: 'all' } as const
const leased = { type: 'own-lease', connection: 1 } as const

/** Lives through events, each with its moment. @returns the state, and what was said at each. */
function live(...events: (readonly [Instant, ContactPresenceEvent])[]) {
  let state: ContactPresences = nobodyWatched
  const said = events.map(([now, event]) => {
    const step = reducePresence(state, event, now)
    state = step.state
    return step.effects
  })
  return { state, said }
}

const ben = presence('ben', 'available', 15_000)
/** Ben is green from 100 ms on. */
const beGreen = () => live([at(0), leased], [at(0), wanted], [at(100), heard([ben])])

test('PW1.3 a contact is green for as long as the frame said, then checked, then unknown', () => {
  const green = beGreen()
  const kinds = [14_999, 15_000, 29_999, 30_000].map(
    (after) => presenceView(green.state, 'ben', at(100 + after)).kind,
  )
  expect(kinds).toEqual(['available', 'checking', 'checking', 'unknown'])
  expect(presenceView(green.state, 'ben', at(15_200))).toEqual({
    kind: 'checking',
    lastKnownAt: wall + 15_100,
  })
  expect(presenceView(green.state, 'carl', at(100))).toEqual({ kind: 'unknown' })
})

test.each([
  ['a sleep that the monotonic clock does not count', at(200, 15_100)],
  ['a wall clock that is set back', at(15_100, -60_000)],
])('PW1.3 colour ends by whichever clock says that more time has passed: %s', (_, now) => {
  const green = beGreen()
  expect(presenceView(green.state, 'ben', now).kind).toBe('checking')
})

test('PW1.3 the device’s own lease is watched by, and without it nothing is known of anybody at once', () => {
  const green = beGreen()
  expect(green.said).toEqual([[], [{ type: 'watch', connection: 1, n: 2, whom: 'all' }], []])
  const dark = reducePresence(green.state, { type: 'own-lease', connection: null }, at(200))
  expect(dark.effects).toEqual([])
  expect(presenceView(dark.state, 'ben', at(200))).toEqual({ kind: 'unknown' })
  const back = reducePresence(dark.state, leased, at(300))
  expect(back.effects).toEqual([{ type: 'watch', connection: 1, n: 4, whom: 'all' }])
  expect(presenceView(back.state, 'ben', at(300))).toEqual({ kind: 'unknown' })
})

test('PW1.3 the lease that goes on has nobody watched anew', () => {
  const green = beGreen()
  expect(reducePresence(green.state, leased, at(200))).toEqual({ state: green.state, effects: [] })
})

test('PW1.1 until when somebody is busy goes with it, and with nothing else', () => {
  const green = beGreen()
  const until = wall + 60_000
  const busy = { ...presence('ben', 'busy', 15_000), until }
  const { state } = live([at(0), leased], [at(0), wanted], [at(100), heard([busy])])
  expect(presenceView(state, 'ben', at(200))).toStrictEqual({ kind: 'busy', until, since: null })
  expect(presenceView(green.state, 'ben', at(200))).toStrictEqual({ kind: 'available', since: null })
})

test('PW1.4 what answers an older watch, or came on another connection, is not listened to', () => {
  const green = beGreen()
  const moved = reducePresence(green.state, { type: 'own-lease', connection: 2 }, at(200))
  expect(moved.effects).toEqual([{ type: 'watch', connection: 2, n: 3, whom: 'all' }])
  for (const late of [
    heard([ben]),
    heard([ben], { version: 2, whole: false }),
    heard([ben], { n: 2 }, 2),
    heard([ben], { n: 3 }, 1),
  ])
    expect(reducePresence(moved.state, late, at(210))).toEqual({ state: moved.state, effects: [] })
  const anew = reducePresence(moved.state, heard([ben], { n: 3 }, 2), at(210))
  expect(presenceView(anew.state, 'ben', at(210)).kind).toBe('available')
})

test('PW1.4 a frame that is missing has the device watch anew, and forget what it knew', () => {
  const green = beGreen()
  const next = reducePresence(
    green.state,
    heard([presence('ben', 'away', 9_000)], { version: 2, whole: false }),
    at(300),
  )
  expect(next.effects).toEqual([])
  expect(presenceView(next.state, 'ben', at(300)).kind).toBe('away')
  const gap = reducePresence(next.state, heard([ben], { version: 4, whole: false }), at(400))
  expect(gap.effects).toEqual([{ type: 'watch', connection: 1, n: 3, whom: 'all' }])
  expect(presenceView(gap.state, 'ben', at(400)).kind).toBe('unknown')
  // What changed before the first frame of a watch is of no use without that.
  const headless = reducePresence(gap.state, heard([ben], { n: 3, version: 5, whole: false }), at(500))
  expect(headless.effects).toEqual([{ type: 'watch', connection: 1, n: 4, whom: 'all' }])
})

test('PW1.4 frames of other versions that begin a watch are its first', () => {
  const green = beGreen()
  const again = reducePresence(green.state, { type: 'wanted', whom: ['ben'] }, at(200))
  expect(again.effects).toEqual([{ type: 'watch', connection: 1, n: 3, whom: ['ben'] }])
  const first = reducePresence(again.state, heard([ben], { n: 3, version: 17 }), at(210))
  expect(first.effects).toEqual([])
  expect(presenceView(first.state, 'ben', at(210)).kind).toBe('available')
})

test('PW2.1 wanting the same says nothing, and wanting nobody is said once', () => {
  const green = beGreen()
  const same = reducePresence(green.state, wanted, at(200))
  expect(same).toEqual({ state: green.state, effects: [] })
  const list = reducePresence(green.state, { type: 'wanted', whom: ['a', 'b'] }, at(200)).state
  expect(reducePresence(list, { type: 'wanted', whom: ['b', 'a'] }, at(300)).effects).toEqual([])
  expect(reducePresence(list, { type: 'wanted', whom: ['b'] }, at(300)).effects).toHaveLength(1)
  const nobody = reducePresence(green.state, { type: 'wanted', whom: [] }, at(200))
  expect(nobody.effects).toEqual([{ type: 'watch', connection: 1, n: 3, whom: [] }])
  const lost = reducePresence(nobody.state, { type: 'own-lease', connection: null }, at(300))
  expect(reducePresence(lost.state, leased, at(400)).effects).toEqual([])
})

test('PW1.3 offline is said for as long as the device holds its own lease, and the server may not know', () => {
  const { state } = live(
    [at(0), leased],
    [at(0), wanted],
    [at(100), heard([presence('ben', 'offline', null), presence('carl', 'unknown', null)])],
  )
  expect(presenceView(state, 'ben', at(600_000))).toEqual({ kind: 'offline', since: null })
  expect(presenceView(state, 'carl', at(100))).toEqual({ kind: 'unknown' })
  expect(nextPresenceLook(state, at(100))).toBeNull()
})

const seen = (sees: ContactPresence['sees'], version: number, n = 2): ContactPresenceEvent =>
  heard([presence('ben', sees, 15_000)], { n, version, whole: version === 1 })

test('PW1.6 since when somebody is away is known of a change that was heard, and outlasts what renews it', () => {
  const first = live(
    [at(0), leased],
    [at(0), wanted],
    [at(100), seen('away', 1)],
    [at(9_100), seen('away', 2)],
  )
  expect(presenceView(first.state, 'ben', at(9_200))).toEqual({ kind: 'away', since: null })
  const changed = reducePresence(first.state, seen('in-call', 3), at(10_000)).state
  const renewed = reducePresence(changed, seen('in-call', 4), at(19_000)).state
  expect(presenceView(renewed, 'ben', at(19_100))).toEqual({ kind: 'in-call', since: wall + 10_000 })
  // Who looks anew, later, has not heard whether they were somewhere else meanwhile.
  const gone = reducePresence(renewed, { type: 'wanted', whom: [] }, at(20_000)).state
  const back = reducePresence(gone, wanted, at(600_000)).state
  const anew = reducePresence(back, seen('in-call', 1, 4), at(600_100)).state
  expect(presenceView(anew, 'ben', at(600_100))).toEqual({ kind: 'in-call', since: null })
})

test('PW1.6 what a server says that did not know, or says after its proof has long ended, is no change', () => {
  const unknown = live(
    [at(0), leased],
    [at(0), wanted],
    [at(100), seen('unknown', 1)],
    [at(200), seen('away', 2)],
  )
  expect(presenceView(unknown.state, 'ben', at(200))).toEqual({ kind: 'away', since: null })
  const late = reducePresence(unknown.state, seen('away', 3), at(200_000)).state
  expect(presenceView(late, 'ben', at(200_000))).toEqual({ kind: 'away', since: null })
  const other = reducePresence(late, seen('in-call', 4), at(300_000)).state
  expect(presenceView(other, 'ben', at(300_000))).toEqual({ kind: 'in-call', since: null })
})

test('PW1.3 the next look is when the first contact is to be shown otherwise', () => {
  const { state } = live(
    [at(0), leased],
    [at(0), wanted],
    [at(0), heard([ben, presence('carl', 'away', 4_000)])],
  )
  expect(nextPresenceLook(state, at(0))).toBe(4_000)
  expect(nextPresenceLook(state, at(4_000))).toBe(11_000)
  expect(nextPresenceLook(state, at(15_000))).toBe(4_000)
  expect(nextPresenceLook(state, at(19_000))).toBe(11_000)
  expect(nextPresenceLook(state, at(30_000))).toBeNull()
})
