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

/** So long nothing that is pressed counts. */
const unread = 500

const pass = (ms: number) => doing(() => vi.advanceTimersByTime(ms))

test('U5.1 who calls has the focus, so that a stray Enter or space answers nothing', async () => {
  const { ask, of } = asker()
  await show(withCall(call()), ask)
  await pass(unread)
  expect(document.activeElement?.tagName).toBe('H1')
  expect(document.activeElement?.textContent).toBe('Ben Sample')
  await press('Enter')
  await press(' ')
  expect([...of('answer'), ...of('decline')]).toEqual([])
})

test('U4.7 the buttons answer and decline this call', async () => {
  const { ask, of } = asker()
  await show(withCall(call(), call('ringing', { id: 'c2' })), ask)
  await pass(unread)
  await click(control('Answer'))
  await click(control('Decline'))
  expect([of('answer'), of('decline')]).toEqual([[{ call: 'c1' }], [{ call: 'c1' }]])
})

test('U5.2 Alt+A answers and Alt+D declines; the letters alone, held keys and other chords do not', async () => {
  const { ask, of } = asker()
  await show(withCall(call()), ask)
  await pass(unread)
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
  await pass(unread)
  expect(await press('a', { code: 'KeyA', altKey: true })).toBe(true)
  await press('d', { code: 'KeyD', altKey: true })
  expect([of('answer'), of('decline')]).toEqual([[], [{ call: 'c1' }]])
  await show(withCall(call('declining')), ask)
  await press('d', { code: 'KeyD', altKey: true })
  expect(of('decline')).toHaveLength(1)
})

const noRoom: readonly unknown[] = ['answered-without-room', 'room-not-opened']

test.each(callEnds.filter((end) => !noRoom.includes(end)))(
  'U5.3 after “%s” the window says so and closes',
  async (over) => {
    await show(withCall(call()))
    await pass(60_000)
    expect(close).not.toHaveBeenCalled()
    await show(withCall(call({ over })))
    expect(document.querySelector('.call-words')?.textContent).not.toBe('is calling you')
    await pass(2_000)
    expect(close).not.toHaveBeenCalled()
    await pass(1_000)
    expect(close).toHaveBeenCalledTimes(1)
  },
)

test.each([
  ['answered-without-room', 'the server named no room that can be opened'],
  ['room-not-opened', 'this browser did not open the room, where Ben Sample waits'],
] as const)('U5.10 after “%s” the window stays, for it is read why no room opened', async (over, why) => {
  await show(withCall(call({ over })))
  expect(words()).toContain(`Answered here, but ${why}`)
  expect(text()).not.toContain('closes by itself')
  await pass(30_000)
  expect(close).not.toHaveBeenCalled()
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

const twoMore = [call('ringing', { id: 'c2' }), call('ringing', { id: 'c3' })]

test.each([
  ['ringing', [], 'Ben Sample is calling – Reachable'],
  ['ringing', twoMore, 'Ben Sample and 2 more are calling'],
  ['ringing', [call('connection-lost', { id: 'c2' })], 'Ben Sample is calling – Reachable'],
  ['checking', twoMore, 'Ben Sample may still be waiting – Reachable'],
  ['connection-lost', [], 'Ben Sample may still be waiting – Reachable'],
  [{ unheard: 'answer', why: 'connection-lost' }, [], 'Ben Sample may still be waiting – Reachable'],
  ['answering', twoMore, 'Call from Ben Sample – Reachable'],
  [{ over: 'cancelled' }, twoMore, 'Call from Ben Sample – Reachable'],
] as const)(
  'U5.11 in “%o” the title says who is calling, and no more than is so',
  async (phase, others, title) => {
    await show(withCall(call(phase), ...others))
    expect(document.title).toBe(title)
  },
)

test('U5.11 the calls that wait their turn are counted in the title, and a test ring is called one', async () => {
  await show({ ...withCall(call(), ...twoMore), furtherCalls: 99 })
  expect(document.title).toBe('Ben Sample and 99+ more are calling')
  await show(withCall(call('ringing', { test: true, from: 'Test ring' }), ...twoMore))
  expect(document.title).toBe('Test ring – Reachable')
  await show(withCall(call({ over: 'declined-here' }, { test: true, from: 'Test ring' })))
  expect(document.title).toBe('The test is over – Reachable')
})

test('U9.11 U5.11 a name written from right to left turns round nothing of the title', async () => {
  await show(withCall(call('ringing', { from: 'רות' }), ...twoMore))
  expect(document.title).toBe('\u200e\u2068רות\u2069 and 2 more are calling')
})

const time = () => document.querySelector('.call-time')?.textContent

test('U5.12 the window counts for how long the call has rung here, though the clock is set back', async () => {
  await show(withCall(call('ringing', { firstRungAt: Date.now() - 12_400 })))
  expect(time()).toBe('Ringing for 12 s')
  vi.setSystemTime(Date.now() - 3_600_000)
  await pass(1_000)
  expect(time()).toBe('Ringing for 13 s')
  await pass(60_000)
  expect(time()).toBe('Ringing for 1 min 13 s')
  expect(document.querySelector('[role=status]')?.textContent).not.toContain('Ringing for')
})

test('U5.12 a sleep of the computer, in which the monotonic clock stands still, is counted', async () => {
  await show(withCall(call('ringing', { firstRungAt: Date.now() - 5_000, rungAgain: true })))
  vi.setSystemTime(Date.now() + 30_000)
  await pass(1_000)
  expect(time()).toBe('Ringing again; rang first 36 s ago')
})

test('U5.12 a call that rang before says when it rang first, and one that does not ring says nothing', async () => {
  const firstRungAt = Date.now() - 34_000
  await show(withCall(call('ringing', { firstRungAt, rungAgain: true })))
  expect(time()).toBe('Ringing again; rang first 34 s ago')
  for (const phase of ['checking', 'connection-lost', 'answering', { over: 'missed' }] as const) {
    await show(withCall(call(phase, { firstRungAt })))
    expect(time()).toBeUndefined()
  }
  // A clock that was set back tells of no time before there was any.
  await show(withCall(call('ringing', { firstRungAt: Date.now() + 5_000 })))
  expect(time()).toBe('Ringing for 0 s')
})

/** What is pressed while the focus is on a button, as a Tab before it would have put it there. */
async function pressOn(name: string, key: string): Promise<boolean> {
  control(name).focus()
  return await press(key)
}

test('U5.13 keys that act are kept from a window that has just opened, rung, or come to the front', async () => {
  const { ask, of } = asker()
  await show(withCall(call()), ask)
  await pass(unread - 1)
  for (const key of ['Enter', ' ', 'Tab']) expect(await pressOn('Answer', key)).toBe(false)
  expect(await press('d', { code: 'KeyD', altKey: true })).toBe(false)
  // Who types on has read nothing yet.
  await pass(unread - 1)
  expect(await press('x')).toBe(true)
  await pass(unread - 1)
  expect(await pressOn('Answer', 'Enter')).toBe(false)
  await pass(unread)
  expect(await pressOn('Answer', 'Enter')).toBe(true)
  await doing(() => void window.dispatchEvent(new Event('focus')))
  expect(await pressOn('Answer', 'Enter')).toBe(false)
  await pass(unread)
  await show(withCall(call('connection-lost')), ask)
  await pass(60_000)
  await show(withCall(call()), ask)
  expect(await pressOn('Answer', ' ')).toBe(false)
  await pass(unread)
  expect(of('answer')).toEqual([])
  expect(of('decline')).toEqual([])
  await press('a', { code: 'KeyA', altKey: true })
  expect(of('answer')).toEqual([{ call: 'c1' }])
})

test('U5.13 the mouse presses nothing in a window that has just opened, which is shown', async () => {
  const { ask, of } = asker()
  await show(withCall(call()), ask)
  const disabled = () => control('Decline').getAttribute('aria-disabled')
  await pass(unread - 1)
  await click(control('Decline'))
  expect([disabled(), of('decline')]).toEqual(['true', []])
  await pass(1)
  expect(disabled()).toBe('false')
  await click(control('Decline'))
  expect(of('decline')).toEqual([{ call: 'c1' }])
})

test('U5.14 the window is made as high as what it shows, then higher when that grows, and no lower', async () => {
  const sizes: ResizeObserverCallback[] = []
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(callback: ResizeObserverCallback) {
        sizes.push(callback)
      }
      observe = () => this.grow()
      grow = () => sizes.at(-1)?.([], this as unknown as ResizeObserver)
      disconnect() {}
      unobserve() {}
    },
  )
  // A fraction more than whole pixels would be a scrollbar.
  let height = 299.4
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockImplementation(
    () => new DOMRect(0, 0, 360, height),
  )
  vi.stubGlobal('innerHeight', 380)
  vi.stubGlobal('screen', { availLeft: 10, availTop: 20, availWidth: 1_000, availHeight: 700 })
  const { ask, of } = asker()
  const fits = () => of('fit-call-window').map((asked) => (asked as { by: number }).by)
  const drawn = (next: number) => {
    height = next
    return doing(() => sizes.at(-1)?.([], undefined as never))
  }
  await show({ ...signedIn, session: { kind: 'unknown' } }, ask)
  await show(withCall(call()), ask)
  expect(of('fit-call-window').at(-1)).toEqual({
    call: 'c1',
    by: -80,
    screen: { left: 10, top: 20, width: 1_000, height: 700 },
  })
  const before = fits().length
  vi.stubGlobal('innerHeight', 300)
  await drawn(250)
  await drawn(300)
  expect(fits()).toHaveLength(before)
  await drawn(340)
  expect(fits().at(-1)).toBe(40)
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

test('C8.11 a test ring that was answered or declined says again that it was only a test', async () => {
  for (const over of ['answered-here', 'declined-here'] as const) {
    await show(withCall(call({ over }, { test: true })))
    expect(words()).toContain('It was only a test')
  }
})

test('RM8.4 where nobody could speak the window of a call says so beside Answer, but not of a test ring', async () => {
  const cannot = (...calls: State['calls']): State => ({ ...withCall(...calls), cannotSpeak: true })
  const words = 'neither hear nor see each other: the server has no https. Ask whoever runs it.'
  await show(cannot(call()))
  expect(text()).toContain(words)
  expect(control('Answer')).toBeDefined()
  await show(cannot(call('ringing', { test: true })))
  expect(text()).not.toContain(words)
  await show(withCall(call()))
  expect(text()).not.toContain(words)
})
