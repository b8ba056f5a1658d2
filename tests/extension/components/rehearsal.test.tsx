// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CallPage } from '../../../components/CallPage.tsx'
import { OptionsPage } from '../../../components/OptionsPage.tsx'
import { Popup } from '../../../components/Popup.tsx'
import { LazyExpectedCalls, LazyReadinessLine, LazyRehearsal } from '../../../components/people/lazy-parts.ts'
import { hearingAdvice, seeingAdvice } from '../../../components/readiness-wording.ts'
import { systemOf } from '../../../components/system.ts'
import type { Readiness, State } from '../../../messages/state.ts'
import { quietPeople } from '../../support/people-demo/demo-people.ts'
import { click, control, description, doing, draw, text } from './draw.tsx'
import { asker, watchNothing } from './fake-asker.ts'
import { call, reachable, signedIn, signedOut, unreachable } from './states.ts'

const now = new Date(2026, 10, 26, 14, 2).getTime()

beforeEach(async () => {
  await Promise.all([LazyExpectedCalls, LazyReadinessLine, LazyRehearsal].map((part) => part.load()))
  vi.useFakeTimers({ now, toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const readiness = (last: Readiness['last'], more: Partial<Readiness> = {}): Readiness => ({
  ...{ blocked: false, updated: false, last },
  ...more,
})
const asked = { at: now, seen: null, heard: null }
const well = { at: now, seen: true, heard: true }

const popup = async (ready: Readiness, state: State = reachable(now)) => {
  const { ask, of } = asker()
  await draw(<Popup state={{ ...state, readiness: ready }} ask={ask} watch={watchNothing} />)
  return of
}
const line = () => document.querySelector('.readiness')?.textContent ?? ''

test('PR4.1 PR4.3 the popup asks quietly for a rehearsal where there was none, or not since an update', async () => {
  const of = await popup(readiness(null))
  expect(line()).toContain('Would you see and hear a call here?')
  await click(control('Test ring'))
  expect(of('test-ring')).toHaveLength(1)
  await popup(readiness(well))
  expect(line()).toBe('')
  await popup(readiness(well, { updated: true }))
  expect(line()).toContain('Reachable or this browser was updated. Would you still see and hear a call?')
  // While a call is there it waits.
  await popup(readiness(null), { ...reachable(now), calls: [call()] })
  expect(line()).toBe('')
})

test('PR4.1 a rehearsal is begun from the menu under the initials, which says when the last one was', async () => {
  const of = await popup(readiness(well))
  await click(control('Account menu'))
  const item = control('Test ring')
  expect(item.textContent).toBe('Test ringLast: 14:02')
  await click(item)
  expect(of('test-ring')).toHaveLength(1)
  expect(document.querySelector('[role=menu]')).toBeNull()
})

test('PR4.2 the popup asks what was seen and heard of it, each by itself', async () => {
  const of = await popup(readiness(asked))
  const answers = [...document.querySelectorAll<HTMLElement>('.rehearsal-answers button')]
  expect(answers.map((button) => button.textContent)).toEqual(['Yes', 'No', 'Yes', 'No'])
  expect([...document.querySelectorAll('legend')].map((legend) => legend.textContent)).toEqual([
    'Did you see the window and a notification?',
    'Did you hear the tone?',
  ])
  for (const button of answers) await click(button)
  expect(of('rehearsal-answered')).toEqual([
    { seen: true },
    { seen: false },
    { heard: true },
    { heard: false },
  ])
  await popup(readiness({ ...asked, seen: false }))
  expect(control('No').getAttribute('aria-pressed')).toBe('true')
  // What helps takes more room: that is for the options.
  expect(document.querySelector('.rehearsal-advice')).toBeNull()
})

test('PR4.2 PR1.3 an answer that got lost is told, and can be given again', async () => {
  let answer: () => Promise<object> = () => Promise.reject(new Error('The worker died'))
  const { ask, of } = asker({ 'rehearsal-answered': () => answer() })
  await draw(
    <Popup state={{ ...reachable(now), readiness: readiness(asked) }} ask={ask} watch={watchNothing} />,
  )
  const lost = () => document.querySelector('.rehearsal [role=alert]')?.textContent
  await click(control('Yes'))
  expect(lost()).toBe('Reachable was interrupted. Try again.')
  answer = async () => ({ ok: true })
  await click(control('Yes'))
  expect([lost(), of('rehearsal-answered')]).toEqual(['', [{ seen: true }, { seen: true }]])
})

test('PR4.5 of a rehearsal that was not seen or heard the popup leads to what helps', async () => {
  await popup(readiness({ ...well, heard: false }))
  expect(line()).toContain('The last test ring was seen, not heard.')
  expect(control('What helps').getAttribute('href')).toBe('/options.html#readiness')
})

test('PR4.4 blocked notifications are told beside the status, which stays what it is, and lead to what helps', async () => {
  const blocked = readiness(well, { blocked: true })
  for (const state of [reachable(now), unreachable('no-network'), signedIn]) {
    await popup(blocked, state)
    const status = document.querySelector('.status')
    expect(status?.textContent).toContain('This browser blocks Reachable’s notifications')
    expect(status?.querySelector('a[href="/options.html#readiness"]')).not.toBeNull()
    const said = status?.querySelector('h1')?.textContent
    await popup(readiness(well), state)
    expect(document.querySelector('.status')?.textContent).not.toContain('blocks')
    expect(document.querySelector('.status h1')?.textContent).toBe(said)
  }
})

const options = async (state: State, answers: Parameters<typeof asker>[0] = {}) => {
  const { ask, of } = asker(answers)
  await draw(<OptionsPage state={state} ask={ask} version="1" />)
  return of
}

test('PR4.2 PR4.3 PR4.4 the options show when the last rehearsal was and what came of it, and what an update or a block means', async () => {
  await options({
    ...signedIn,
    readiness: readiness({ ...well, seen: false }, { updated: true, blocked: true }),
  })
  expect(text()).toContain('Test ring of 14:02: heard, not seen.')
  expect(text()).toContain('Since then Reachable or this browser was updated: test it again.')
  const blocked = 'This browser lets no notification of Reachable appear'
  expect(text().split(blocked)).toHaveLength(2)
  await options({ ...signedIn, readiness: readiness(well, { blocked: true }) })
  expect(text().split(blocked)).toHaveLength(2)
  await options({ ...signedOut(), readiness: readiness(null) })
  expect(document.querySelector('.rehearsal')).toBeNull()
  expect(description(control('Test ring'))).toContain('For ten seconds')
})

test('PR4.5 options that are opened for it have the focus there', async () => {
  location.hash = '#readiness'
  await options(signedIn)
  expect(document.activeElement?.textContent).toBe('Ready for a call?')
  location.hash = ''
})

const systems = {
  mac: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/150',
  windows: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/150',
  linux: 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Firefox/153.0',
  other: 'Mozilla/5.0 (X11; CrOS x86_64) Chrome/150',
} as const

test('PR4.5 what helps is said for the system at hand, for its settings and for ours', () => {
  const loud = { ringVolume: 100, ringTimes: 0 } as const
  const seen = new Set<string>()
  for (const [system, userAgent] of Object.entries(systems)) {
    expect(systemOf(userAgent)).toBe(system)
    const sees = seeingAdvice(systemOf(userAgent), false)
    expect(sees.join(' ')).toMatch(/disturb|Focus/i)
    seen.add(sees.join())
    const hears = hearingAdvice(systemOf(userAgent), loud)
    expect(hears.join(' ')).toMatch(/volume.*mutes neither/)
    for (const sentence of [...sees, ...hears]) expect(sentence).toMatch(/\.$|\)\.$/)
  }
  expect(seen.size).toBe(4)
  expect(seeingAdvice('mac', true)[0]).toContain('lets no notification of Reachable appear')
  expect(hearingAdvice('mac', { ringVolume: 0, ringTimes: 1 }).slice(0, 2)).toEqual([
    'The tone’s own volume, in Options, is at 0 %. Set it higher.',
    'The tone is not played for as long as a call rings, by what is chosen in Options.',
  ])
})

test('PR4.2 C8.11 the window of a rehearsal asks once it is over, and closes when it has been told, or after a minute', async () => {
  const close = vi.fn()
  const show = (calls: State['calls'], last: Readiness['last']) =>
    draw(
      <CallPage
        state={{ ...reachable(now), calls, readiness: readiness(last) }}
        ask={asker().ask}
        id="c1"
        close={close}
      />,
    )
  const pass = (ms: number) => doing(() => vi.advanceTimersByTime(ms))
  const test = { test: true, from: 'Test ring' }
  await show([call('ringing', test)], asked)
  expect(document.querySelector('.rehearsal')).toBeNull()
  await show([call({ over: 'missed' }, test)], asked)
  expect(document.querySelectorAll('legend')).toHaveLength(2)
  await pass(10_000)
  // The worker forgets a call that is over; its window still asks.
  await show([], asked)
  expect(text()).toContain('Test ringThe test is over')
  expect(document.querySelectorAll('legend')).toHaveLength(2)
  expect(close).not.toHaveBeenCalled()
  await pass(50_000)
  expect(close).toHaveBeenCalledTimes(1)
  await show([], { ...asked, seen: true })
  await pass(10_000)
  expect(close).toHaveBeenCalledTimes(1)
  await show([], well)
  await pass(3_000)
  expect(close).toHaveBeenCalledTimes(2)
})

test('PR5.1 tone, volume and how often it is played are chosen in the options, and what was not kept is said', async () => {
  let reply: object = { ok: true }
  const of = await options(signedIn, { 'set-settings': () => reply })
  const change = (id: string, value: string) =>
    doing(() => {
      const field = document.getElementById(id) as HTMLInputElement
      field.value = value
      field.dispatchEvent(new Event('change', { bubbles: true }))
    })
  await change('ring-tone', 'phone')
  await change('ring-volume', '30')
  await change('ring-times', '3')
  expect(of('set-settings')).toEqual([{ ringTone: 'phone' }, { ringVolume: 30 }, { ringTimes: 3 }])
  expect(text()).not.toContain('no sound')
  reply = { ok: false, why: 'storage' }
  await change('ring-tone', 'chime')
  expect(document.getElementById('ring-error')?.textContent).toContain('could not keep the setting')
  const { settings } = signedIn
  await options({ ...signedIn, settings: { ...settings, ringVolume: 0 } })
  expect(text()).toContain('Calls make no sound here')
})

test('PR5.2 Listen plays the tone that is chosen, once and as loud as it is chosen', async () => {
  const played: { src: string; volume: number; loop: boolean }[] = []
  vi.stubGlobal(
    'Audio',
    class {
      src: string
      volume = 1
      loop = false
      constructor(src: string) {
        this.src = src
      }
      async play() {
        played.push({ src: this.src, volume: this.volume, loop: this.loop })
      }
      pause() {}
    },
  )
  const { settings } = signedIn
  await options({ ...signedIn, settings: { ...settings, ringTone: 'chime', ringVolume: 40 } })
  await click(control('Listen'))
  expect(played).toEqual([{ src: '/chime.wav', volume: 0.4, loop: false }])
  vi.unstubAllGlobals()
})

test('PR1.1 PR2.2 the options list the calls that are expected, and say what the reminder is', async () => {
  const expected = [1, 2, 3].map((n) => ({
    ...{ id: `e${n}`, at: now + n * 60_000, by: `Dr ${n}`, contact: null, mine: false },
    risk: 'unproven' as const,
  }))
  const of = await options({ ...signedIn, people: { ...quietPeople, expected } })
  expect(document.querySelectorAll('.expected-call')).toHaveLength(3)
  await click(control('Not any more: the call from Dr 3'))
  expect(of('cancel-expected')).toEqual([{ expected: 'e3' }])
  await options({ ...signedIn, people: quietPeople })
  expect(text()).toContain('No call is expected.')
  await options(signedIn)
  expect(text()).not.toContain('Expected calls')
})
