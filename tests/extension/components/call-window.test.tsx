// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CallPage } from '../../../components/CallPage.tsx'
import type { State } from '../../../messages/state.ts'
import { asker } from './asked.ts'
import { click, control, doing, draw, press, text } from './drawn.tsx'
import { call, callEnds, reachable, signedIn, signedOut } from './states.ts'

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

test('U5.1 the buttons answer and decline this call', async () => {
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

test('U5.2 the keys do nothing once the call no longer rings', async () => {
  const { ask, of } = asker()
  await show(withCall(call('declining')), ask)
  await press('a', { code: 'KeyA', altKey: true })
  expect(of('answer')).toEqual([])
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

test('U5.5 a test ring says that nobody is calling', async () => {
  await show(withCall(call('ringing', { test: true })))
  expect(text()).toContain('Only a test: nobody is calling')
})

test('U5.6 who calls and how it stands are announced', async () => {
  await show(withCall(call()))
  expect(document.querySelector('[role=status]')?.textContent).toBe('Ben Sampleis calling you')
})
