import { type BadgeView, badgeViewOf } from '../../entrypoints/background/toolbar/badge-view.ts'
import type { ChosenStatus } from '../../messages/people.ts'
import type { State } from '../../messages/state.ts'
import { reachable } from '../extension/components/states.ts'

const call = {
  id: 'a',
  from: 'Dr Bell',
  at: 0,
  firstRungAt: 0,
  rungAgain: false,
  test: false,
  phase: 'ringing',
} as const

const green = reachable(0)

const missed = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ...call, id: String(index), why: 'no-answer' as const }))

const clock = { exactly: () => '10:02:31', moment: () => '10:02', until: () => '14:00' }
const drawn = (change: Partial<State>, evenSecond = true): BadgeView =>
  badgeViewOf({ ...green, ...change }, evenSecond, clock)

const people = (chosen: ChosenStatus, unread = 0): Partial<State> => ({
  people: {
    status: { chosen, until: chosen === 'busy' ? 0 : null, confirmed: true },
    seenAs: 'unknown',
    asking: [],
    unread,
    callsVersion: 0,
    placed: [],
    expected: [],
  },
})

/** Every look of the light, with what it says. */
export const drawnLights: readonly (readonly [caption: string, view: BadgeView])[] = [
  ['calls can reach you', drawn({})],
  ['away', drawn(people('away'))],
  ['busy', drawn(people('busy'))],
  ['busy, 3 messages', drawn(people('busy', 3))],
  ['invisible', drawn(people('invisible'))],
  ['checking', drawn({ reachability: { kind: 'checking' } })],
  ['calls cannot reach you', drawn({ reachability: { kind: 'unreachable', why: 'no-network' } })],
  ['a call', drawn({ calls: [call] })],
  ['the next second', drawn({ calls: [call] }, false)],
  ['1 missed', drawn({ missed: missed(1) })],
  ['12 missed', drawn({ missed: missed(12) })],
  ['100 missed', drawn({ missed: missed(100) })],
]

declare const chrome: {
  readonly action: Readonly<Record<string, (what: object) => Promise<void>>>
}

/** Draws a look into the real toolbar as the worker does; to be run in a page of the extension. */
export async function drawInToolbar({ text, colour, icon }: BadgeView): Promise<void> {
  const path = Object.fromEntries([16, 24, 32, 48].map((size) => [size, `/icons/${icon}-${size}.png`]))
  await chrome.action.setBadgeText?.({ text })
  await chrome.action.setBadgeBackgroundColor?.({ color: colour })
  await chrome.action.setBadgeTextColor?.({ color: '#ffffff' })
  await chrome.action.setIcon?.({ path })
}
