// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CallPage } from '../../../components/CallPage.tsx'
import type { State } from '../../../messages/state.ts'
import { click, control, doing, draw, press, text } from './draw.tsx'
import { asker } from './fake-asker.ts'
import { call, callEnds, reachable, signedIn, signedOut, unreachable } from './states.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const close = vi.fn()
beforeEach(() => void close.mockClear())

const show = (state: State, ask = asker().ask) =>
  draw(<CallPage state={state} ask={ask} id="c1" close={close} />)

const withCall = (...calls: State['calls']): State => ({ ...reachable(), calls })

const pass = (ms: number) => doing(() => vi.advanceTimersByTime(ms))

test('U5.1 who calls has the focus, so that a stray Enter or space answers nothing', async () => {
  const { ask, of } = asker()
  await show(withCall(call()), ask)
  expect(document.activeElement?.tagName).toBe('H1')
  expect(document.activeElement?.textContent).toBe('Ben Sample')
  await press('Enter')
  await press(' ')
  expect([...of('answer'), ...of('decline')]).toEqual([])
})

test('U4.7 the buttons answer and decline this call', async () => {
  const { ask, of } = asker()
  await show(withCall(call(), call('ringing', { id: 'c2' })), ask)
  await click(control('Answer'))
  await click(control('Decline'))
  expect([of('answer'), of('decline')]).toEqual([[{ call: 'c1' }], [{ call: 'c1' }]])
})

test('U5.2 Alt+A answers and Alt+D declines; the letters alone, held keys and other chords do not', async () => {
  const { ask, of } = asker()
  await show(withCall(call()), ask)
  await press('a', { code: 'KeyA' })
  await press('d', { code: 'KeyD' })
  await press('a', { code: 'KeyA', altKey: true, ctrlKey: true })
  await press('a', { code: 'KeyA', altKey: true, repeat: true })
  expect([...of('answer'), ...of('decline')]).toEqual([])
  expect(await press('å', { code: 'KeyA', altKey: true })).toBe(false)
  await press('d', { code: 'KeyD', altKey: true })
  expect([of('answer'), of('decline')]).toEqual([[{ call: 'c1' }], [{ call: 'c1' }]])
})

test('U5.2 P7.1 once the connection is lost Alt+A does nothing and Alt+D declines, and once declined neither does', async () => {
  const { ask, of } = asker()
  await show(withCall(call('connection-lost')), ask)
  expect(await press('a', { code: 'KeyA', altKey: true })).toBe(true)
  await press('d', { code: 'KeyD', altKey: true })
  expect([of('answer'), of('decline')]).toEqual([[], [{ call: 'c1' }]])
  await show(withCall(call('declining')), ask)
  await press('d', { code: 'KeyD', altKey: true })
  expect(of('decline')).toHaveLength(1)
})

test.each(callEnds)('U5.3 after “%s” the window says so and closes', async (over) => {
  await show(withCall(call()))
  await pass(60_000)
  expect(close).not.toHaveBeenCalled()
  await show(withCall(call({ over })))
  expect(document.querySelector('.call-words')?.textContent).not.toBe('is calling you')
  await pass(2_000)
  expect(close).not.toHaveBeenCalled()
  await pass(1_000)
  expect(close).toHaveBeenCalledTimes(1)
})

test.each([
  ['reachable', reachable()],
  ['signed out', signedOut()],
] as const)('U5.4 a call that nobody knows (%s) is over', async (_, state) => {
  await show(state)
  expect(text()).toContain('This call no longer rings')
  await pass(3_000)
  expect(close).toHaveBeenCalledTimes(1)
})

test('U5.4 a worker that just started is given the time to find the call again', async () => {
  await show({ ...signedIn, session: { kind: 'unknown' } })
  await show(signedIn)
  await pass(10_000)
  expect(close).not.toHaveBeenCalled()
  await show(withCall(call()))
  expect(control('Answer')).toBeTruthy()
})

test('U5.4 P8.1 with no connection nothing is said of a call that nobody here knows', async () => {
  await show(unreachable('server-silent'))
  expect(text()).toContain('Whether it still rings is not known')
  expect(text()).not.toContain('no longer rings')
  await pass(3_000)
  expect(close).toHaveBeenCalledTimes(1)
})

const words = () => document.querySelector('.call-words')?.textContent
const buttons = () => [...document.querySelectorAll('button')].map((button) => button.textContent)

test.each([
  ['connection-lost', 'Connection lost: Ben Sample may still be waiting'],
  ['checking', 'Checking the connection: Ben Sample may still be waiting'],
] as const)(
  'P7.1 U5.7 in “%s” the window stays open and says who may still be waiting, without Answer, until it rings again',
  async (phase, sentence) => {
    await show(withCall(call(phase)))
    expect(words()).toBe(sentence)
    expect(buttons()).toEqual(['Decline'])
    await pass(60_000)
    expect(close).not.toHaveBeenCalled()
    await show(withCall(call()))
    expect(buttons()).toEqual(['Answer', 'Decline'])
  },
)

test('P7.1 a call that no longer rings does not wave', async () => {
  const rings = () => document.querySelector('.call')?.getAttribute('data-rings')
  await show(withCall(call()))
  expect(rings()).toBe('true')
  await show(withCall(call('connection-lost')))
  expect(rings()).toBe('false')
})

test.each([
  [
    { unheard: 'answer', why: 'server-silent' },
    'The server does not answer. Ben Sample may still be waiting; trying again.',
  ],
  [
    { unheard: 'decline', why: 'server-silent' },
    'The server does not answer. Ben Sample may still be waiting; trying again.',
  ],
  [
    { unheard: 'answer', why: 'connection-lost' },
    'Connection lost: Ben Sample may still be waiting. You answer as soon as it is back.',
  ],
  [
    { unheard: 'decline', why: 'connection-lost' },
    'Connection lost: Ben Sample may still be waiting. You decline as soon as it is back.',
  ],
] as const)(
  'U5.8 P7.3 of a press of which nothing came (%o) the window says why and what happens next',
  async (phase, sentence) => {
    await show(withCall(call(phase)))
    expect(words()).toBe(sentence)
    expect(buttons()).toEqual([])
  },
)

test('U5.8 when a button goes, who calls has the focus', async () => {
  await show(withCall(call()))
  control('Answer').focus()
  await show(withCall(call('connection-lost')))
  expect(document.activeElement?.tagName).toBe('H1')
})

test('P7.2 P8.1 an end that nobody told is told as unknown, and never as missed', async () => {
  for (const over of ['lost', 'unknown'] as const) {
    await show(withCall(call({ over })))
    expect(words()).toContain('not known')
    expect(words()).not.toMatch(/missed/i)
  }
})

test('C8.11 a test ring says that nobody is calling', async () => {
  await show(withCall(call('ringing', { test: true })))
  expect(text()).toContain('Only a test: nobody is calling')
})

test('U5.1 who calls and how it stands are announced', async () => {
  await show(withCall(call()))
  expect(document.querySelector('[role=status]')?.textContent).toBe('Ben Sampleis calling you')
})
