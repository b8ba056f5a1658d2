// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WelcomePage } from '../../../components/WelcomePage.tsx'
import { doing, draw, field, text, type } from './draw.tsx'
import { asker } from './fake-asker.ts'
import { signedIn, signedOut } from './states.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const show = (ask = asker().ask, browser: 'chromium' | 'firefox' = 'chromium', state = signedOut()) =>
  draw(<WelcomePage state={state} ask={ask} browser={browser} />)

const pass = (ms: number) => doing(() => vi.advanceTimersByTimeAsync(ms))

test('U7.1 the looks of the light are told in shape, letters and words', async () => {
  await show()
  const lights = [...document.querySelectorAll('.legend li')]
  expect(lights.map((light) => light.querySelector('svg')?.getAttribute('data-shape'))).toEqual([
    'reachable',
    'checking',
    'unreachable',
    'ringing-a',
    'reachable',
    'away',
    'busy',
    'invisible',
  ])
  expect(lights.map((light) => light.querySelector('.legend-badge')?.textContent)).toEqual([
    undefined,
    '…',
    'Off',
    undefined,
    '2',
    '☾',
    '–',
    'Inv',
  ])
  expect(lights[4]?.textContent).toBe(
    '2Something waits for youMissed calls, unread messages and requests, counted together. Click it: they are listed.',
  )
  expect(lights.map((light) => light.querySelector('strong')?.textContent).every(Boolean)).toBe(true)
})

test('U7.2 only the steps of this browser are shown', async () => {
  await show(asker().ask, 'chromium')
  expect(text()).toContain('Click the pin beside Reachable.')
  expect(text()).not.toContain('Pin to Toolbar')
  await show(asker().ask, 'firefox')
  expect(text()).toContain('Pin to Toolbar')
  expect(text()).not.toContain('Click the pin beside')
})

test('U7.2 the page notices by itself that the icon was pinned, and then stops looking', async () => {
  let pinned = false
  const { ask, of } = asker({ 'is-pinned': () => ({ pinned }) })
  await show(ask)
  await pass(2_500)
  expect(text()).toContain('This page notices when you have done it.')
  pinned = true
  await pass(1_000)
  expect(text()).toContain('The light is in your toolbar.')
  expect(text()).not.toContain('Click the puzzle piece')
  const looks = of('is-pinned').length
  await pass(10_000)
  expect(of('is-pinned')).toHaveLength(looks)
})

test('U7.2 a browser that does not tell gets the steps and no promise', async () => {
  await show(asker({ 'is-pinned': () => ({ pinned: 'unknown' }) }).ask)
  expect(text()).toContain('Click the puzzle piece')
  expect(text()).not.toContain('This page notices')
})

test('U7.2 a page that nobody looks at does not keep the worker awake', async () => {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  const { ask, of } = asker()
  await show(ask)
  await pass(10_000)
  expect(of('is-pinned')).toEqual([])
})

test('A7.5 where nobody has named a server the address is asked for, and the answer stays to be seen', async () => {
  const { ask, of } = asker({ 'set-server': () => ({ ok: true, server: 'https://new.example' }) })
  await show(ask)
  expect(text()).not.toContain('Server address')
  await draw(null)
  await show(ask, 'chromium', { ...signedOut(), server: null })
  expect(text()).toContain('Your clinic or service gives you its address.')
  await type('Server address', 'new.example')
  await doing(() => field('Server address').form?.requestSubmit())
  expect(of('set-server')).toEqual([{ address: 'new.example' }])
  await show(ask, 'chromium', { ...signedOut(), server: 'https://new.example' })
  expect(text()).toContain('Saved. Reachable now uses new.example.')
})

test('U7.1 it leads to logging in, and says so when that is done', async () => {
  await show()
  expect(text()).toContain('Click the light in the toolbar')
  await show(asker().ask, 'chromium', signedIn)
  expect(text()).toContain('You are logged in, Ann Example.')
})
