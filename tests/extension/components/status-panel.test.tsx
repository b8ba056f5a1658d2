// @vitest-environment happy-dom
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Popup } from '../../../components/Popup.tsx'
import { reasonFor } from '../../../components/reasons.ts'
import { statusView } from '../../../components/StatusPanel.tsx'
import type { State } from '../../../messages/state.ts'
import { click, control, doing, draw, text } from './draw.tsx'
import { asker, watchNothing } from './fake-asker.ts'
import {
  ann,
  call,
  callEnds,
  gap,
  missedCalls,
  reachable,
  reasons,
  signedIn,
  signedOut,
  unreachable,
} from './states.ts'

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 22, 10, 2, 31) }))
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const show = (state: State, ask = asker().ask) => draw(<Popup state={state} ask={ask} watch={watchNothing} />)

const green = () => document.querySelector('[data-shape=reachable], [data-status=reachable]')

const session: fc.Arbitrary<State['session']> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'signed-in', account: ann } as const) },
  fc.constant({ kind: 'unknown' } as const),
  fc
    .constantFrom(
      'never',
      'logged-out',
      'ended',
      'password-changed',
      'ended-in-my-account',
      'browser-closed',
      'lost',
      'exited',
      'returned',
      'server-changed',
    )
    .map(
      (why) =>
        ({
          kind: 'signed-out',
          why,
          resting: false,
          draft: '',
          staySignedIn: false,
          atIssuer: 'idle',
        }) as const,
    ),
)

const reachability: fc.Arbitrary<State['reachability']> = fc.oneof(
  fc.constant({ kind: 'checking' } as const),
  fc.constantFrom(...reasons).map((why) => ({ kind: 'unreachable', why }) as const),
)

const notProven: fc.Arbitrary<State> = fc.record({
  server: fc.webUrl(),
  session,
  offers: fc.record({
    answer: fc.constantFrom('unknown', 'fine', 'server-silent'),
    issuer: fc.constantFrom(null, 'Google'),
    forgot: fc.boolean(),
    signUp: fc.boolean(),
  }),
  reachability,
  calls: fc.subarray([
    call('ringing', { id: 'a' }),
    call('answering', { id: 'b' }),
    call('connection-lost', { id: 'c' }),
    call({ unheard: 'answer', why: 'server-silent' }, { id: 'd' }),
    call({ over: 'answered-here' }),
  ]),
  furtherCalls: fc.nat(3),
  people: fc.constant(null),
  missed: fc.nat(9).map((count) => missedCalls(count, 0)),
  seen: fc.constantFrom(null, { calls: missedCalls(3, 0), at: 0, canUndo: true }),
  gaps: fc.nat(3).map((count) => Array.from({ length: count }, (_, at) => gap({ from: at, until: 60_000 }))),
  readiness: fc.record({
    blocked: fc.boolean(),
    last: fc.constantFrom(null, { at: 0, seen: true, heard: null }),
    updated: fc.boolean(),
  }),
  settings: fc.constant(signedIn.settings),
})

test('U1.1 without a proof the popup shows neither the reachable shape nor its words', async () => {
  await fc.assert(
    fc.asyncProperty(notProven, async (state) => {
      await show(state)
      expect(green()).toBeNull()
      expect(text()).not.toMatch(/(?<!whether )calls can reach you/i)
    }),
    { numRuns: 150 },
  )
})

test('U1.1 the reachable shape goes with the state that carried it', async () => {
  await show(reachable())
  expect(green()).not.toBeNull()
  expect(text()).toContain('Calls can reach you, Ann Example.')
  await show(signedIn)
  expect(green()).toBeNull()
  expect(text()).toContain('Checking whether calls can reach you…')
})

test('U1.2 the age of the proof is told and counted on', async () => {
  await show(reachable(Date.now() - 3_200))
  expect(text()).toContain('Confirmed 3 s ago')
  await doing(() => vi.advanceTimersByTime(4_000))
  expect(text()).toContain('Confirmed 7 s ago')
  await show(reachable(Date.now() - 100))
  expect(text()).toContain('Confirmed just now')
})

test('U1.2 after a sleep, in which the monotonic clock stood still, the last proof is as old as it is', async () => {
  const at = Date.now() - 2_000
  await show(reachable(at))
  vi.setSystemTime(Date.now() + 8 * 3_600_000)
  await show({ ...signedIn, reachability: { kind: 'checking', lastConfirmedAt: at } })
  expect(text()).toContain('Last confirmed 480 min ago')
  await doing(() => vi.advanceTimersByTime(60_000))
  expect(text()).toContain('Last confirmed 481 min ago')
})

test('U1.2 a clock that is set back does not change the age of a proof on show', async () => {
  await show(reachable(Date.now() - 3_200))
  vi.setSystemTime(Date.now() - 3_600_000)
  await doing(() => vi.advanceTimersByTime(1_000))
  expect(text()).toContain('Confirmed 4 s ago')
  await show(reachable(Date.now() + 3_600_000))
  expect(text()).toContain('Confirmed just now')
})

test('U1.2 the age is outside every live region', async () => {
  await show(reachable())
  const live = [...document.querySelectorAll('[role=status], [role=alert], [aria-live]')]
  expect(live.map((region) => region.textContent)).toContain('Calls can reach you, Ann Example.')
  expect(live.filter((region) => region.textContent?.includes('Confirmed'))).toEqual([])
})

test.each(reasons)('T5.1 “%s” has a sentence of its own and one way to mend it', (why) => {
  const { sentence, shape } = statusView({ kind: 'unreachable', why }, 'Ann')
  expect(shape).toBe('unreachable')
  expect(sentence).toMatch(/^Calls cannot reach you: [a-z].*[^.]\.$/)
  const others = reasons.filter((other) => other !== why)
  expect(
    others.map((other) => statusView({ kind: 'unreachable', why: other }, 'Ann').sentence),
  ).not.toContain(sentence)
})

test('T5.1 each reason offers its own action', async () => {
  const offered: Record<string, string[]> = {}
  for (const why of reasons) {
    const { session } = reasonFor(why).mend.kind === 'log-in' ? signedOut() : signedIn
    await show({ ...unreachable(why), session })
    offered[why] = [...document.querySelectorAll('.status .button, form [type=submit]')].map(
      (b) => b.textContent ?? '',
    )
  }
  expect(offered).toEqual({
    'signed-out': ['Log in'],
    exited: ['Log in'],
    'session-ended': ['Log in'],
    'no-network': [],
    'server-silent': ['Try now'],
    'server-cannot-keep-calls': ['Try now'],
    'server-cannot-bring-calls': ['Try now'],
    'not-a-reachable-server': ['Check the server address'],
    outdated: [],
    'taken-over': ['Try now'],
    'wrong-address': ['Check the server address'],
    'too-many-devices': ['Try now'],
    storage: ['Try now'],
  })
})

test('T5.1 what mends itself says what it waits for, what no button mends says what to do', async () => {
  await show(unreachable('no-network'))
  expect(text()).toContain('Waiting for the network…')
  await show(unreachable('outdated'))
  expect(text()).toContain('Update the extension.')
})

test('T5.1 a server that cannot keep calls, or pass them on, is said to, and nothing of why: a disk, PostgreSQL, NATS, or what a newer one says', async () => {
  const said = async (why: 'server-cannot-keep-calls' | 'server-cannot-bring-calls') => {
    await show(unreachable(why))
    return document.querySelector('.status-words')?.textContent?.replace('Try now', '')
  }
  const more = 'Reachable keeps trying by itself. If it stays so, tell whoever runs the server.'
  expect(await said('server-cannot-keep-calls')).toBe(
    `Calls cannot reach you: the server cannot keep calls now.${more}`,
  )
  expect(await said('server-cannot-bring-calls')).toBe(
    `Calls cannot reach you: the server cannot pass calls on to you now.${more}`,
  )
})

test('U1.4 Try now asks once however often it is pressed, and again when that was answered', async () => {
  const answers: (() => void)[] = []
  const { ask, of } = asker({
    'try-now': () => new Promise((resolve) => answers.push(() => resolve({ ok: true }))),
  })
  await show(unreachable('server-silent'), ask)
  await click(control('Try now'))
  await click(control('Trying…'))
  expect(of('try-now')).toHaveLength(1)
  await doing(() => answers[0]?.())
  await doing(() => vi.advanceTimersByTimeAsync(1_000))
  await click(control('Try now'))
  expect(of('try-now')).toHaveLength(2)
})

test('U1.10 while Try now tries, the light says so, and all else stays where it is', async () => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 240, 66.5))
  const { ask } = asker({ 'try-now': () => ({ ok: true }) })
  const off = { kind: 'unreachable', why: 'server-silent', since: Date.now() - 60_000 } as const
  await show({ ...signedIn, reachability: off }, ask)
  const outline = () =>
    [...document.querySelectorAll('.status-words *')].map(
      ({ tagName, className }) => `${tagName}.${className}`,
    )
  const [before, button] = [outline(), control('Try now')]
  button.focus()
  await click(button)
  await show({ ...signedIn, reachability: { kind: 'checking', lastConfirmedAt: Date.now() - 90_000 } }, ask)
  expect(document.querySelector('.status')?.getAttribute('data-status')).toBe('checking')
  expect(text()).toContain('Checking whether calls can reach you…')
  expect(text()).not.toContain('Calls cannot reach you')
  expect(outline()).toEqual(before)
  // A shorter sentence takes as much room as the one before.
  expect(document.querySelector<HTMLElement>('.status-words > div')?.style.minHeight).toBe('66.5px')
  expect(control('Trying…')).toBe(button)
  expect(document.activeElement).toBe(button)
  await doing(() => vi.advanceTimersByTimeAsync(8_000))
  await show({ ...signedIn, reachability: off }, ask)
  expect(outline()).toEqual(before)
  expect(control('Try now')).toBe(button)
  expect(text()).toMatch(/Tried at .*: still off\./)
  await show(reachable(), ask)
  expect(text()).not.toContain('Tried at')
  expect(document.activeElement?.textContent).toBe('Calls can reach you, Ann Example.')
})

test('U1.10 a proof that comes while a try is under way leaves nothing of the outage on show', async () => {
  const { ask } = asker({ 'try-now': () => ({ ok: true }) })
  const off = { kind: 'unreachable', why: 'server-silent', since: Date.now() - 60_000 } as const
  await show({ ...signedIn, reachability: off }, ask)
  control('Try now').focus()
  await click(control('Try now'))
  await show(reachable(), ask)
  expect(document.querySelector('.status')?.textContent).toBe(
    'Calls can reach you, Ann Example.Confirmed just now',
  )
  expect(document.activeElement?.textContent).toBe('Calls can reach you, Ann Example.')
})

test('U1.10 a try that changes nothing is told as one', async () => {
  const { ask } = asker({ 'try-now': () => ({ ok: true }) })
  await show(unreachable('storage'), ask)
  await click(control('Try now'))
  expect(text()).not.toContain('Tried at')
  await doing(() => vi.advanceTimersByTimeAsync(1_000))
  expect(text()).toContain('still off.')
})

test('U1.10 another reason that comes of a try is told as it is, and takes no focus with it', async () => {
  const { ask } = asker({ 'try-now': () => ({ ok: true }) })
  await show(unreachable('server-silent'), ask)
  control('Try now').focus()
  await click(control('Try now'))
  await show(signedIn, ask)
  await doing(() => vi.advanceTimersByTimeAsync(1_000))
  await show(unreachable('no-network'), ask)
  expect(document.querySelector('.status button')).toBeNull()
  expect(document.activeElement?.textContent).toBe('Calls cannot reach you: this computer is offline.')
})

test('G1.8 U1.2 off says since when, and checking when it was last confirmed, where they are known', async () => {
  const since = Date.now() - 60_000
  await show({ ...signedIn, reachability: { kind: 'unreachable', why: 'no-network', since } })
  expect(text()).toMatch(/Since 10:01/)
  await show(unreachable('no-network'))
  expect(text()).not.toContain('Since')
  await show({ ...signedIn, reachability: { kind: 'checking', lastConfirmedAt: Date.now() - 12_000 } })
  expect(text()).toContain('Last confirmed 12 s ago')
  await doing(() => vi.advanceTimersByTime(2_000))
  expect(text()).toContain('Last confirmed 14 s ago')
  await show(signedIn)
  expect(text()).not.toContain('onfirmed')
})

test('U1.4 a button whose question got lost with the worker can be pressed again', async () => {
  const { ask, of } = asker({ 'try-now': () => Promise.reject(new Error('the worker was stopped')) })
  await show(unreachable('server-silent'), ask)
  await click(control('Try now'))
  await click(control('Try now'))
  expect(of('try-now')).toHaveLength(2)
})

test.each([
  ['never', 'this light tells you whether calls can reach you'],
  ['logged-out', 'You are logged out.'],
  ['ended', 'Your session ended. Log in to be reachable again.'],
  ['password-changed', 'You were logged out because your password was changed.'],
  ['ended-in-my-account', 'You were logged out here in My account.'],
  ['browser-closed', 'You were logged out because “Stay signed in” was off.'],
  ['lost', 'This browser has lost your session.'],
  ['exited', 'You chose Exit, which logged you out.'],
  ['returned', 'Exit logged you out and kept Reachable quiet until now.'],
  ['server-changed', 'Another server was chosen, and you are not logged in there yet.'],
] as const)('U1.5 someone signed out (%s) is told why, above the login form', async (why, sentence) => {
  await show(signedOut(why))
  expect(document.querySelector('header')?.textContent).toContain(sentence)
  expect(control('Log in')).toBeTruthy()
})

test('U1.6 until the worker knows the session, the popup claims nothing and asks for nothing', async () => {
  await show({ ...signedIn, session: { kind: 'unknown' } })
  expect(document.querySelectorAll('input, button, a, svg')).toHaveLength(0)
  expect(document.querySelector('[aria-busy=true]')).not.toBeNull()
})

test('U1.6 a browser that cannot read what was kept is told of, with a way to try again', async () => {
  await show({ ...unreachable('storage'), session: { kind: 'unknown' } })
  expect(text()).toContain('Calls cannot reach you: this browser cannot read or write what Reachable keeps.')
  expect(control('Try now')).toBeTruthy()
})

test('U1.7 opening the popup ends the rest that Exit began, once', async () => {
  const { ask, of } = asker()
  await show(signedOut('exited'), ask)
  await show(signedIn, ask)
  expect(of('opened')).toHaveLength(1)
})

test('U1.8 the sentence has the focus when the form gives way to it', async () => {
  await show(signedOut())
  await show(signedIn)
  expect(document.activeElement?.textContent).toBe('Checking whether calls can reach you…')
})

test('U1.9 each end of a call is told in words of its own', async () => {
  const told = new Set<string>()
  for (const over of callEnds) {
    await show({ ...reachable(), calls: [call({ over })] })
    expect(document.querySelectorAll('.call-actions')).toHaveLength(0)
    told.add(document.querySelector('.call-who span')?.textContent ?? '')
  }
  expect(told.size).toBe(callEnds.length)
})
