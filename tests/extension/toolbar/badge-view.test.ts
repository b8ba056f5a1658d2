import { expect, test } from 'vitest'
import { badgeViewOf, checkingView } from '../../../entrypoints/background/toolbar/badge-view.ts'
import type { ChosenStatus, PeopleState } from '../../../messages/people.ts'
import type { ReachabilityState, State, UnreachableReason } from '../../../messages/state.ts'
import { unreachableSentence } from '../../../messages/unreachable-reasons.ts'
import { reachable } from '../components/states.ts'

const base = reachable(5)
const clock = { exactly: () => '10:02:31', moment: () => '10:02', until: () => '14:00' }
const view = (change: Partial<State>, evenSecond = true) =>
  badgeViewOf({ ...base, ...change }, evenSecond, clock)
const missed = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: String(i),
    from: 'Clinic',
    at: 1,
    why: 'no-answer' as const,
  }))

const reasons: UnreachableReason[] = [
  'signed-out',
  'session-ended',
  'no-network',
  'server-silent',
  'server-cannot-keep-calls',
  'server-cannot-bring-calls',
  'not-a-reachable-server',
  'outdated',
  'taken-over',
  'wrong-address',
  'too-many-devices',
  'storage',
]
const notReachable: ReachabilityState[] = [
  { kind: 'checking' },
  ...reasons.map((why) => ({ kind: 'unreachable', why }) as const),
]

test('G1.1 reachable is a green disc with a tick, no letters, and a sentence that says when it was confirmed', () => {
  expect(view({})).toEqual({
    text: '',
    colour: '#137333',
    icon: 'reachable',
    title: 'Calls can reach you, Ann Example. Confirmed at 10:02:31.',
  })
})

test('G1.2 whatever is not reachable has letters, and neither the colour, the icon nor the sentence of it', () => {
  const on = view({})
  for (const reachability of notReachable)
    for (const count of [0, 3]) {
      const other = view({ reachability, missed: missed(count) })
      expect(other.text).not.toBe(on.text)
      expect(other.text).not.toMatch(/\d/)
      expect(other.colour).not.toBe(on.colour)
      expect(other.text).not.toBe('')
      expect(other.icon).not.toMatch(/^reachable/)
      expect(other.title).not.toContain('Calls can reach you,')
    }
})

test('G1.3 no proof at this moment is an ellipsis, not an alarm', () => {
  expect(view({ reachability: { kind: 'checking' } })).toEqual(checkingView)
  expect(checkingView.text).toBe('…')
})

test('G1.3 every reason is Off, with a sentence of its own', () => {
  const titles = reasons.map((why) => {
    const off = view({ reachability: { kind: 'unreachable', why } })
    expect(off).toMatchObject({ text: 'Off', icon: 'unreachable-lettered' })
    return off.title
  })
  expect(new Set(titles).size).toBe(reasons.length)
})

test('G1.3 T5.1 a reason is told as in the popup, with what mends it where that is short', () => {
  const title = (why: UnreachableReason) => view({ reachability: { kind: 'unreachable', why } }).title
  expect(title('session-ended')).toBe('Calls cannot reach you: your session ended. Click to log in again.')
  expect(title('no-network')).toBe(
    'Calls cannot reach you: this computer is offline. Reachable waits for the network.',
  )
  for (const why of reasons) expect(title(why)).toContain(unreachableSentence(why))
})

test('G1.8 since when it is off, and when it was last confirmed, are in the sentence where they are known', () => {
  const off = { kind: 'unreachable', why: 'server-silent', since: 1 } as const
  expect(view({ reachability: off }).title).toBe(
    'Calls cannot reach you: the server does not answer. Since 10:02. Reachable keeps trying.',
  )
  expect(view({ reachability: { kind: 'checking', lastConfirmedAt: 1 } })).toEqual({
    ...checkingView,
    title: `${checkingView.title} Last confirmed at 10:02:31.`,
  })
  for (const reachability of notReachable) expect(view({ reachability }).title).not.toMatch(/\d\d:/)
})

test('G1.5 missed calls are counted on the colour of reachable, and never as more than fits', () => {
  expect(view({ missed: missed(1) })).toMatchObject({
    text: '1',
    colour: '#137333',
    icon: 'reachable-lettered',
  })
  expect(view({ missed: missed(1) }).title).toContain('1 missed call.')
  expect(view({ missed: missed(2) }).title).toContain('2 missed calls.')
  expect(view({ missed: missed(150) }).text).toBe('99⁺')
})

const people = (change: Partial<PeopleState> = {}): PeopleState => ({
  status: { chosen: 'available', until: null, confirmed: true },
  seenAs: 'available',
  asking: [],
  unread: 0,
  callsVersion: 0,
  placed: [],
  expected: [],
  ...change,
})
const chosen = (status: ChosenStatus, until: number | null = null, confirmed = true) =>
  people({ status: { chosen: status, until, confirmed } })

test('G1.9 what was chosen has a look and a sentence of its own, and says when that was confirmed', () => {
  expect(view({ people: chosen('available') })).toEqual(view({}))
  expect(view({ people: chosen('away') })).toEqual({
    text: '☾',
    colour: '#8a5a00',
    icon: 'away-lettered',
    title: 'Calls can reach you, Ann Example. Your contacts see that you are away. Confirmed at 10:02:31.',
  })
  const busy = view({ people: chosen('busy', 1) })
  expect(busy).toMatchObject({ text: '–', icon: 'busy-lettered' })
  expect(busy.title).toMatch(
    /^You are busy until 14:00, Ann Example: calls do not ring, .* Confirmed at 10:02:31\.$/,
  )
  expect(busy.title).not.toContain('Calls can reach you')
  const invisible = view({ people: chosen('invisible') })
  expect(invisible).toMatchObject({ text: 'Inv', icon: 'invisible' })
  expect(invisible.title).toContain('Your contacts see you as offline.')
  const looks = (['available', 'away', 'busy', 'invisible'] as const).map((status) =>
    view({ people: chosen(status) }),
  )
  for (const part of ['text', 'colour', 'icon', 'title'] as const)
    expect(new Set(looks.map((look) => look[part])).size).toBe(4)
  expect(view({ people: chosen('away', null, false) }).title).toContain(
    'The server has not heard of that status yet.',
  )
})

test('PX3.6 a status that is not known here is said to be so, and is not called available', () => {
  const { title, icon } = view({ people: people({ status: null }) })
  expect(icon).toBe('reachable')
  expect(title).toBe(
    'Calls can reach you, Ann Example. Confirmed at 10:02:31. Which status you chose is not known now.',
  )
})

test('G1.9 G1.2 the truth comes first: what was chosen is not shown while calls do not get through', () => {
  for (const reachability of notReachable)
    for (const status of ['away', 'busy', 'invisible'] as const)
      expect(view({ reachability, people: chosen(status, 1) })).toEqual(view({ reachability }))
})

test('G1.5 missed calls, messages and requests are counted together, on the colour of the status, and told apart', () => {
  const asking = [{ id: 'a' }] as unknown as PeopleState['asking']
  const all = view({ missed: missed(2), people: { ...chosen('busy', 1), asking, unread: 4 } })
  expect(all).toMatchObject({ text: '7', colour: view({ people: chosen('busy', 1) }).colour })
  expect(all.title).toContain('2 missed calls. 4 unread messages. 1 contact request.')
  expect(view({ people: people({ unread: 1 }) })).toMatchObject({ text: '1', icon: 'reachable-lettered' })
  const many = view({ people: people({ unread: 1_000 }) })
  expect([many.text, many.title]).toEqual(['99⁺', expect.stringContaining(' 1000 unread messages.')])
  expect(view({ people: people({ unread: 100, mayBeMoreUnread: true }) }).title).toContain(
    ' 100 or more unread messages.',
  )
})

test('PR1.1 G1.3 that an expected call might not ring is in the sentence, and in the letters of who cannot be reached', () => {
  const call = { id: 'a', at: 1, by: 'Ben', contact: null, mine: false }
  const expected = [
    { ...call, id: 'later' },
    { ...call, risk: 'unproven' },
  ] as const
  for (const reachability of notReachable) {
    const calm = view({ reachability, people: people({ expected: [call] }) })
    expect(calm).toEqual(view({ reachability }))
    const { text, title, ...look } = view({ reachability, people: people({ expected }) })
    expect(title).toBe(`${calm.title} Call expected at 14:00.`)
    expect(text).toBe(reachability.kind === 'checking' ? '…' : '!')
    // Colour and icon are the light's alone.
    expect({ ...calm, ...look }).toEqual(calm)
  }
  const busy = { ...chosen('busy', 1), unread: 2 }
  const atRisk = view({ people: { ...busy, expected: [{ ...call, risk: 'busy' }] } })
  const calm = view({ people: busy })
  expect(atRisk).toEqual({ ...calm, title: `${calm.title} Call expected at 14:00. It would not ring.` })
  expect(view({ people: people({ expected: [call] }) }).title).not.toContain('expected')
})

const rung = { firstRungAt: 1, rungAgain: false }

test('G1.6 a ring alternates in shape as well as in colour, and ends with the ringing', () => {
  const call = { id: 'a', from: 'Clinic', at: 1, ...rung, test: false, phase: 'ringing' } as const
  const [on, off] = [view({ calls: [call] }, true), view({ calls: [call] }, false)]
  expect([on.text, off.text]).toEqual(['', ''])
  expect([on.icon, off.icon]).toEqual(['ringing-a', 'ringing-b'])
  expect(new Set([on.colour, off.colour, view({}).colour]).size).toBe(3)
  expect(view({ calls: [{ ...call, phase: { over: 'missed' } }] })).toEqual(view({}))
})

test('C8.18 G1.6 how many more calls there are is in the sentence of a ring', () => {
  const call = (id: string, more = {}) => ({
    id,
    from: 'Clinic',
    at: 1,
    ...rung,
    test: false,
    phase: 'ringing' as const,
    ...more,
  })
  const title = (calls: State['calls'], furtherCalls = 0) => view({ calls, furtherCalls }).title
  expect(title([call('a')])).toBe('Reachable: a call is ringing. Click to answer.')
  expect(title([call('a'), call('t', { test: true })])).toBe('Reachable: a call is ringing. Click to answer.')
  expect(title([call('t', { test: true })])).toBe('Reachable: a test ring.')
  expect(title([call('a'), call('b')])).toBe(
    'Reachable: a call is ringing, and 1 more call. Click to answer.',
  )
  expect(
    title(
      ['a', 'b', 'c', 'd', 'e'].map((id) => call(id)),
      3,
    ),
  ).toContain('and 7 more calls')
  expect(title([call('a')], 99)).toContain('and 99+ more calls')
  // All that is shown was pressed, and nobody knows yet what came of it.
  const pressed = view({ calls: [call('a', { phase: 'answering' })], furtherCalls: 2 })
  expect(pressed.title).toContain('A caller may still be waiting.')
})

test('G1.6 P7.1 what does not ring, or was pressed, is no ring, and who may still be waiting is in the sentence', () => {
  const call = { id: 'a', from: 'Clinic', at: 1, ...rung, test: false } as const
  const waiting = [
    'checking',
    'connection-lost',
    { unheard: 'answer', why: 'server-silent' },
    { unheard: 'decline', why: 'connection-lost' },
  ] as const
  for (const phase of waiting) {
    const shown = view({ reachability: { kind: 'checking' }, calls: [{ ...call, phase }] })
    expect(shown).toEqual({ ...checkingView, title: `${checkingView.title} A caller may still be waiting.` })
  }
  for (const phase of ['answering', 'declining', { over: 'lost' }] as const)
    expect(view({ calls: [{ ...call, phase }] })).toEqual(view({}))
})

test('G1.7 white text on every colour of the badge has a contrast of at least 4.5', () => {
  const states = [base.reachability, ...notReachable].map((reachability) => ({ reachability }))
  const call = { id: 'a', from: 'Clinic', at: 1, ...rung, test: false, phase: 'ringing' } as const
  const views = [
    ...states.map((state) => view(state)),
    view({ calls: [call] }),
    view({ calls: [call] }, false),
    ...(['away', 'busy', 'invisible'] as const).map((status) => view({ people: chosen(status) })),
  ]
  for (const colour of new Set(views.map((shown) => shown.colour)))
    expect(1.05 / (luminance(colour) + 0.05), colour).toBeGreaterThanOrEqual(4.5)
})

/** Relative luminance by WCAG 2.2. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
