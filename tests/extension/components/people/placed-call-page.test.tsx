// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LazyThread } from '../../../../components/people/lazy-parts.ts'
import { PlacedCallPage } from '../../../../components/people/PlacedCallPage.tsx'
import type { PlacedCallPhase } from '../../../../messages/people.ts'
import type { State } from '../../../../messages/state.ts'
import { placedCall, withPeople } from '../../../support/people-demo/demo-people.ts'
import { click, control, doing, draw, text } from '../draw.tsx'
import { asker, ports } from '../fake-asker.ts'
import { signedIn, signedOut } from '../states.ts'

beforeEach(async () => {
  vi.useFakeTimers({
    toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
  })
  await LazyThread.load()
})
afterEach(() => void vi.useRealTimers())

const close = vi.fn()
beforeEach(() => void close.mockClear())

const withCall = (phase: PlacedCallPhase): State => withPeople({ placed: [placedCall(phase)] })

async function show(state: State, answers: Parameters<typeof asker>[0] = {}) {
  const { ask, of } = asker(answers)
  const { watch, isOpen } = ports()
  const again = (next: State) =>
    draw(<PlacedCallPage state={next} ask={ask} watch={watch} id="k1" close={close} />)
  await again(state)
  return { of, again, isOpen }
}

const pass = (ms: number) => doing(() => vi.advanceTimersByTime(ms))
const words = () => document.querySelector('.call-words')?.textContent
const rings = () => document.querySelector('.call')?.getAttribute('data-rings')
const buttons = () => [...document.querySelectorAll('button')].map((button) => button.textContent)

const over = { kind: 'over', busyUntil: null, reply: null } as const

test('PU5.1 the window says how the call stands, and rings only while it does', async () => {
  const { again } = await show(withCall({ kind: 'placing' }))
  expect([words(), rings()]).toEqual(['Calling…', 'false'])
  await again(withCall({ kind: 'ringing', devices: 2 }))
  expect([words(), rings()]).toEqual(['Ringing on 2 devices', 'true'])
  expect(document.querySelector('[role=status]')?.textContent).toContain('Ringing on 2 devices')
  await again(withCall({ kind: 'unknown' }))
  expect([words(), rings()]).toEqual(['How the call stands is not known now', 'false'])
  expect(buttons()).toEqual(['Cancel', 'Leave a message'])
})

test('PU5.1 what is left counts down outside every live region, which says once that it waits', async () => {
  await show(withCall({ kind: 'waiting', until: Date.now() + 40_000, hasRung: false }))
  expect(words()).toBe('Not reachable now; trying for 40 s more')
  await pass(3_000)
  expect(words()).toBe('Not reachable now; trying for 37 s more')
  const live = [...document.querySelectorAll('[role=status]')].map((one) => one.textContent).join(' ')
  expect(live).toContain('Not reachable now, and tried again')
  expect(live).not.toContain('37 s')
})

test('PU5.1 a page whose worker is gone says that it is not known, never that it rings', async () => {
  const { again } = await show({ ...signedIn, session: { kind: 'unknown' } })
  expect(words()).toBe('Finding out how it stands…')
  await again(withPeople())
  expect(words()).toBe('How this call ended is not known here')
  await pass(60_000)
  expect(close).not.toHaveBeenCalled()
})

test('PU5.2 Cancel takes the call back; a worker that died leaves a sentence', async () => {
  let dead = true
  const { of } = await show(withCall({ kind: 'ringing', devices: 1 }), {
    'cancel-placed-call': () => (dead ? Promise.reject(new Error('gone')) : { ok: true }),
  })
  await click(control('Cancel'))
  expect(document.querySelector('[role=alert]')?.textContent).toBe(
    'Reachable did not answer, so it is not known whether that was done. Look before you try again.',
  )
  dead = false
  await click(control('Cancel'))
  expect(of('cancel-placed-call')).toEqual([{ key: 'k1' }, { key: 'k1' }])
  expect(document.querySelector('[role=alert]')).toBeNull()
})

test.each(['answered', 'answered-elsewhere', 'cancelled'] as const)(
  'PU5.2 after “%s” the window closes by itself once that can be read',
  async (how) => {
    await show(withCall({ ...over, how }))
    expect(buttons()).toEqual([])
    await pass(2_000)
    expect(close).not.toHaveBeenCalled()
    await pass(1_000)
    expect(close).toHaveBeenCalledTimes(1)
  },
)

test.each(['room-not-opened', 'room-unknown'] as const)(
  'PX4.9 after “%s” the window stays, with a button that opens the room, or says why not',
  async (how) => {
    let opens = false
    const { of } = await show(withCall({ ...over, how }), {
      'open-room': () =>
        opens ? { ok: true } : { ok: false, why: 'unavailable', message: 'It was not opened.' },
    })
    await pass(120_000)
    expect(close).not.toHaveBeenCalled()
    expect(buttons()).toEqual(['Open the room', 'Leave a message'])
    await click(control('Open the room of the call to Ben Sample'))
    expect(document.querySelector('[role=alert]')?.textContent).toBe('It was not opened.')
    opens = true
    await click(control('Open the room of the call to Ben Sample'))
    expect(document.querySelector('[role=alert]')).toBeNull()
    expect(of('open-room')).toEqual([{ key: 'k1' }, { key: 'k1' }])
  },
)

test('PX4.9 while the room is being opened there is nothing to press, and nothing closes', async () => {
  await show(withCall({ ...over, how: 'opening-room' }))
  await pass(10_000)
  expect(buttons()).toEqual([])
  expect(close).not.toHaveBeenCalled()
})

test.each(['declined', 'no-answer', 'unreachable', 'busy', 'server-restarted', 'unknown'] as const)(
  'PU5.2 after “%s” the window stays, with calling again and writing',
  async (how) => {
    const { of } = await show(withCall({ ...over, how }))
    await pass(120_000)
    expect(close).not.toHaveBeenCalled()
    expect(buttons()).toEqual(['Call again', 'Leave a message'])
    await click(control('Call again: Ben Sample'))
    expect(of('call-contact')).toEqual([{ contact: 'ben' }])
    expect(close).toHaveBeenCalledTimes(1)
  },
)

test('PU5.2 what was answered with a decline is read as it was written', async () => {
  await show(withCall({ ...over, how: 'declined', reply: '<b>Later</b>' }))
  expect(document.querySelector('.placed-reply')?.textContent).toBe('<b>Later</b>')
})

test('PU5.2 a message can be left instead, while the call goes on and after it, and no end closes what is written', async () => {
  const { again, isOpen } = await show(
    withCall({ kind: 'waiting', until: Date.now() + 40_000, hasRung: true }),
  )
  await click(control('Leave a message'))
  expect(isOpen('thread:ben')).toBe(true)
  expect(text()).toContain('It no longer rings; trying for 40 s more')
  await again(withCall({ ...over, how: 'answered' }))
  await pass(60_000)
  expect(close).not.toHaveBeenCalled()
  expect(text()).not.toContain('trying')
  await click(control('Back'))
  await pass(3_000)
  expect(close).toHaveBeenCalledTimes(1)
})

test('PU5.1 whoever is logged out meanwhile is told, and the window goes', async () => {
  await show(signedOut())
  expect(words()).toBe('You are logged out: what came of the call is not known here')
  await pass(3_000)
  expect(close).toHaveBeenCalledTimes(1)
})
