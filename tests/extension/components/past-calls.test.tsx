// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Popup } from '../../../components/Popup.tsx'
import type { State } from '../../../messages/state.ts'
import { click, control, doing, draw, text } from './draw.tsx'
import { asker } from './fake-asker.ts'
import { call, gap, missedCalls, reachable, signedIn } from './states.ts'

const now = new Date(2026, 10, 22, 18, 30).getTime()
const at = (hour: number, minute: number) => new Date(2026, 10, 22, hour, minute).getTime()

beforeEach(() => void vi.useFakeTimers({ now }))
afterEach(() => void vi.useRealTimers())

const show = (state: Partial<State>, ask = asker().ask) =>
  draw(<Popup state={{ ...signedIn, ...state }} ask={ask} />)

const listed = () => [...document.querySelectorAll('.missed-list li')].map((item) => item.textContent)

test('U4.1 a popup that is open over midnight tells yesterday from today, though no state comes', async () => {
  await show({ missed: [{ id: 'm', from: 'Ben Sample', at: at(10, 42) }] })
  expect(listed()).toEqual(['Ben Sample10:42'])
  await doing(() => vi.advanceTimersByTime(6 * 3_600_000))
  expect(listed()).toEqual(['Ben SampleYesterday 10:42'])
})

test('U4.1 a popup tells yesterday from today from midnight on', async () => {
  vi.setSystemTime(at(23, 59) + 30_500)
  await show({ missed: [{ id: 'm', from: 'Ben Sample', at: at(10, 42) }] })
  await doing(() => vi.advanceTimersByTime(29_499))
  expect(listed()).toEqual(['Ben Sample10:42'])
  await doing(() => vi.advanceTimersByTime(1))
  expect(listed()).toEqual(['Ben SampleYesterday 10:42'])
  await doing(() => vi.advanceTimersByTime(24 * 3_600_000))
  expect(listed()).toEqual(['Ben Sample22 Nov 10:42'])
})

test('U4.1 a popup that is seen again after a sleep tells the day that it is then', async () => {
  await show({ missed: [{ id: 'm', from: 'Ben Sample', at: at(10, 42) }] })
  vi.setSystemTime(now + 8 * 3_600_000)
  await doing(() => document.dispatchEvent(new Event('visibilitychange')))
  expect(listed()).toEqual(['Ben SampleYesterday 10:42'])
})

test('U4.2 missed calls are listed with who and when', async () => {
  await show({ missed: [{ id: 'm', from: 'Ben Sample', at: at(10, 42) }] })
  expect(text()).toContain('1 missed call')
  expect(listed()).toEqual(['Ben Sample10:42'])
})

test('U4.2 none missed, none mentioned', async () => {
  await show({ missed: [] })
  expect(text()).not.toMatch(/missed/i)
})

test('U4.2 Mark as seen speaks for all of them, also those on other pages', async () => {
  const { ask, of } = asker()
  await show({ missed: missedCalls(9, now) }, ask)
  await click(control('Mark as seen'))
  expect(of('missed-seen')).toEqual([{ calls: missedCalls(9, now).map(({ id }) => id) }])
})

test('U4.2 what does not fit is a page away, and every call is on one page', async () => {
  await show({ missed: missedCalls(9, now) })
  const seen = [...listed()]
  for (let page = 0; page < 4; page += 1) {
    await click(control('Older'))
    for (const item of listed()) if (!seen.includes(item)) seen.push(item)
  }
  expect(seen).toHaveLength(9)
  expect(text()).toContain('9–9 of 9')
  await click(control('Newer'))
  expect(text()).toContain('5–8 of 9')
})

test('U4.2 beside two gaps there is room for fewer', async () => {
  await show({ missed: missedCalls(9, now), gaps: [gap(), gap({ from: 70_000, until: 80_000 })] })
  expect(listed()).toHaveLength(2)
})

test('U4.2 a list that grew shorter shows a page that is there', async () => {
  await show({ missed: missedCalls(9, now) })
  await click(control('Older'))
  await click(control('Older'))
  await show({ missed: missedCalls(2, now) })
  expect(listed()).toHaveLength(2)
})

test.each([
  [{ missed: 0 }, 'Unreachable 10:02–10:14; no call missed'],
  [{ missed: 1 }, 'Unreachable 10:02–10:14; 1 call missed'],
  [{ missed: 3 }, 'Unreachable 10:02–10:14; 3 calls missed'],
  [{ missed: 3, stretches: 2 }, 'Unreachable 2 times, 10:02–10:14; 3 calls missed'],
] as const)('U4.5 a gap (%o) is told, and goes when dismissed', async (more, sentence) => {
  const { ask, of } = asker()
  await show({ gaps: [gap({ from: at(10, 2), until: at(10, 14), ...more })] }, ask)
  expect(text()).toContain(sentence)
  expect(text()).not.toContain('recorded')
  await click(control('Dismiss'))
  expect(of('dismiss-gaps')).toEqual([{ until: at(10, 14) }])
})

test.each([
  [0, 'Unreachable 10:02–10:14. Calls made then may not be on record.'],
  [2, 'Unreachable 10:02–10:14; 2 calls missed. Calls made then may not be on record.'],
] as const)(
  'P8.2 after the server was away, with %i missed, a gap never says that no call was',
  async (missed, sentence) => {
    await show({ gaps: [gap({ from: at(10, 2), until: at(10, 14), missed, recorded: false })] })
    expect(text()).toContain(sentence)
    expect(text()).not.toContain('no call missed')
  },
)

test('P8.3 each gap is told, and what was shown of them is what is dismissed', async () => {
  const { ask, of } = asker()
  const earlier = gap({ from: at(9, 0), until: at(9, 30), missed: 2 })
  await show({ gaps: [earlier, gap({ from: at(10, 2), until: at(10, 14), missed: 0 })] }, ask)
  expect(text()).toContain('Unreachable 09:00–09:30; 2 calls missed')
  expect(text()).toContain('Unreachable 10:02–10:14; no call missed')
  await click(control('Dismiss'))
  expect(of('dismiss-gaps')).toEqual([{ until: at(10, 14) }])
})

test('U4.5 while a call is there the past waits, and comes back after it', async () => {
  const past = { missed: missedCalls(2, now), gaps: [gap()] }
  await show({ ...past, calls: [call()] })
  expect(text()).not.toMatch(/missed/i)
  expect(text()).toContain('Ben Sample')
  await show(past)
  expect(listed()).toHaveLength(2)
})

test('C8.18 U4.7 as many calls as fit are shown, and the others are counted with those that wait their turn', async () => {
  const calls = ['a', 'b', 'c', 'd', 'e'].map((id) => call('ringing', { id, from: `Caller ${id}` }))
  const others = () => document.querySelector('.call-others')?.textContent
  await show({ calls: calls.slice(0, 3) })
  expect(others()).toBeUndefined()
  await show({ calls: calls.slice(0, 4) })
  expect(others()).toBe('and 1 more call')
  await show({ calls, furtherCalls: 7 })
  expect(document.querySelectorAll('.call-card')).toHaveLength(3)
  expect(others()).toBe('and 9 more calls')
  await show({ calls, furtherCalls: 99 })
  expect(others()).toBe('and 99+ more calls')
})

test('U4.7 Answer and Decline ask for the call they stand beside', async () => {
  const { ask, of } = asker()
  await show({ ...reachable(now), calls: [call(), call('ringing', { id: 'c2', from: 'Carla' })] }, ask)
  await click(control('Answer Carla'))
  await click(control('Decline Ben Sample'))
  expect(of('answer')).toEqual([{ call: 'c2' }])
  expect(of('decline')).toEqual([{ call: 'c1' }])
})

test('U4.7 once a button was pressed both are gone', async () => {
  await show({ calls: [call('answering')] })
  expect(text()).toContain('Answering…')
  expect(document.querySelectorAll('.call-actions')).toHaveLength(0)
})

test('P7.1 a call whose connection was lost says so, without Answer, and comes after those that ring', async () => {
  const { ask, of } = asker()
  const lost = call('connection-lost', { id: 'c2', from: 'Carla' })
  await show({ calls: [lost, call()] }, ask)
  const cards = [...document.querySelectorAll('.call-card')].map((card) => card.textContent)
  expect(cards).toEqual([
    'Ben Sampleis calling youAnswerDecline',
    'CarlaConnection lost: Carla may still be waitingDecline',
  ])
  await click(control('Decline Carla'))
  expect(of('decline')).toEqual([{ call: 'c2' }])
})
