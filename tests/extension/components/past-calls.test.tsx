// @vitest-environment happy-dom
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { gatherCallers } from '../../../components/gather-callers.ts'
import { Popup } from '../../../components/Popup.tsx'
import type { MissedCall, State } from '../../../messages/state.ts'
import { mostListed } from '../../../protocol/connection.ts'
import { click, control, doing, draw, press, text } from './draw.tsx'
import { asker, watchNothing } from './fake-asker.ts'
import { call, gap, missedCalls, reachable } from './states.ts'

const now = new Date(2026, 10, 22, 18, 30).getTime()
const at = (hour: number, minute: number) => new Date(2026, 10, 22, hour, minute).getTime()

beforeEach(() => void vi.useFakeTimers({ now }))
afterEach(() => void vi.useRealTimers())

const show = (state: Partial<State>, ask = asker().ask) =>
  draw(<Popup state={{ ...reachable(), ...state }} ask={ask} watch={watchNothing} />)

const benAt = (when: number, more: Partial<MissedCall> = {}): MissedCall => ({
  id: 'm',
  from: 'Ben Sample',
  at: when,
  why: 'no-answer',
  ...more,
})

/** What is to be seen of it: each word apart, and nothing that only screen readers get. */
const wordsOf = (element: Element): string => {
  const parts = [...element.querySelectorAll('bdi, [aria-hidden="true"], time, .missed-why')]
  const shown = parts.filter((part) => !part.closest('svg'))
  return shown.map((part) => part.textContent?.replaceAll('\u00a0', ' ').trim()).join(' ')
}
const listed = () => [...document.querySelectorAll('.missed-line')].map(wordsOf)
const heading = () => document.querySelector('.missed h2')?.textContent
const status = () =>
  [...(document.querySelector('.missed-told')?.children ?? [])]
    .map(({ textContent }) => textContent)
    .join(' ')

test('U4.1 a popup that is open over midnight tells yesterday from today, though no state comes', async () => {
  await show({ missed: [benAt(at(10, 42))] })
  expect(listed()).toEqual(['Ben Sample 10:42 no answer'])
  await doing(() => vi.advanceTimersByTime(6 * 3_600_000))
  expect(listed()).toEqual(['Ben Sample Yesterday 10:42 no answer'])
})

test('U4.1 a popup tells yesterday from today from midnight on', async () => {
  vi.setSystemTime(at(23, 59) + 30_500)
  await show({ missed: [benAt(at(10, 42))] })
  await doing(() => vi.advanceTimersByTime(29_499))
  expect(listed()).toEqual(['Ben Sample 10:42 no answer'])
  await doing(() => vi.advanceTimersByTime(1))
  expect(listed()).toEqual(['Ben Sample Yesterday 10:42 no answer'])
  await doing(() => vi.advanceTimersByTime(24 * 3_600_000))
  expect(listed()).toEqual(['Ben Sample 22 Nov 10:42 no answer'])
})

test('U4.1 a popup that is seen again after a sleep tells the day that it is then', async () => {
  await show({ missed: [benAt(at(10, 42))] })
  vi.setSystemTime(now + 8 * 3_600_000)
  await doing(() => document.dispatchEvent(new Event('visibilitychange')))
  expect(listed()).toEqual(['Ben Sample Yesterday 10:42 no answer'])
})

test('U4.2 missed calls are listed with who, when and why', async () => {
  await show({ missed: [benAt(at(10, 42))] })
  expect(text()).toContain('1 missed call')
  expect(listed()).toEqual(['Ben Sample 10:42 no answer'])
})

test('U4.2 none missed, none mentioned', async () => {
  await show({ missed: [] })
  expect(text()).not.toMatch(/missed/i)
})

test.each([
  ['no-answer', 'no answer'],
  ['cancelled', 'hung up'],
  ['unreachable', 'you could not be reached'],
  ['busy', 'you were busy, or too many called'],
  ['server-restarted', 'the server stopped'],
] as const)('U4.9 %s is told as “%s”, and no more than the server knows', async (why, words) => {
  await show({ missed: [benAt(at(10, 42), { why })] })
  expect(listed()).toEqual([`Ben Sample 10:42 ${words}`])
})

/** Three calls of Ben, one of Carla between them. */
const several: readonly MissedCall[] = [
  benAt(at(12, 0), { id: 'b3', why: 'cancelled' }),
  benAt(at(11, 30), { id: 'c1', from: 'Carla', why: 'busy' }),
  benAt(at(11, 0), { id: 'b2', why: 'unreachable' }),
  benAt(at(10, 0), { id: 'b1', why: 'cancelled' }),
]

test('U4.2 calls under one name are gathered, and open to the time and the reason of each', async () => {
  await show({ missed: several })
  expect(text()).toContain('4 missed calls')
  expect(listed()).toEqual([
    'Ben Sample · 3 12:00 hung up, you could not be reached',
    'Carla 11:30 you were busy, or too many called',
  ])
  const ben = control('Ben Sample')
  const times = document.getElementById(ben.getAttribute('aria-controls') ?? '')
  expect([ben.getAttribute('aria-expanded'), times?.hidden]).toEqual(['false', true])
  await click(ben)
  expect([ben.getAttribute('aria-expanded'), times?.hidden]).toEqual(['true', false])
  expect([...(times?.children ?? [])].map(wordsOf)).toEqual([
    '12:00 hung up',
    '11:00 you could not be reached',
    '10:00 hung up',
  ])
  // A further call leaves it open, and where it is.
  await show({ missed: [benAt(at(13, 0), { id: 'b4' }), ...several] })
  expect(control('Ben Sample')).toBe(ben)
  expect([ben.getAttribute('aria-expanded'), times?.children.length]).toEqual(['true', 4])
  await click(ben)
  expect(times?.hidden).toBe(true)
})

test('U4.2 everybody who called is in the list, and of more than a server tells it is not said how many', async () => {
  await show({ missed: missedCalls(mostListed - 1, now) })
  expect(listed()).toHaveLength(mostListed - 1)
  expect(heading()).toBe(`${mostListed - 1} missed calls`)
  await show({ missed: missedCalls(mostListed, now) })
  expect(heading()).toBe(`${mostListed}+ missed calls`)
})

/** A worker that does what the popup asks of missed calls at once, as the real one does. */
async function showMarking(missed: readonly MissedCall[], canUndo = true) {
  let state: Pick<State, 'missed' | 'seen'> = { missed, seen: null }
  const move = async (ids: unknown, isSeen: boolean) => {
    const all = [...state.missed, ...(state.seen?.calls ?? [])]
    const moved = new Set((ids as { calls: string[] }).calls)
    const marked = new Set(state.seen?.calls.map(({ id }) => id))
    const stays = ({ id }: MissedCall) => (moved.has(id) ? isSeen : marked.has(id))
    const calls = all.filter(stays)
    await late({
      missed: all.filter((call) => !stays(call)),
      seen: calls.length > 0 ? { calls, at: now, canUndo } : null,
    })
    return { ok: true }
  }
  const { ask, of } = asker({
    'missed-seen': (ids) => move(ids, true),
    'missed-unseen': (ids) => move(ids, false),
  })
  const late = async (next: Pick<State, 'missed' | 'seen'>) => {
    state = next
    await show(state, ask)
  }
  await late(state)
  return { of, late, state: () => state }
}

test('U4.10 Mark all as seen speaks for all, dims them where they are, and gives the focus to Undo', async () => {
  const { of } = await showMarking(several)
  const items = [...document.querySelectorAll('.missed-caller')]
  control('Mark all as seen').focus()
  await click(control('Mark all as seen'))
  expect(of('missed-seen')).toEqual([{ calls: ['b3', 'c1', 'b2', 'b1'] }])
  expect([...document.querySelectorAll('.missed-caller--seen')]).toEqual(items)
  expect(status()).toBe('4 missed calls marked as seen Undo')
  expect(heading()).toBe('Missed calls')
  expect(document.activeElement).toBe(control('Undo'))
})

test('U4.10 Undo brings all back where they were, says so, and gives the focus to Mark all as seen', async () => {
  const { of, state } = await showMarking(several)
  const before = listed()
  await click(control('Mark all as seen'))
  await click(control('Undo'))
  expect(of('missed-unseen')).toEqual([{ calls: state().missed.map(({ id }) => id) }])
  expect(listed()).toEqual(before)
  expect(document.querySelector('.missed-caller--seen')).toBeNull()
  expect(status()).toBe('4 missed calls no longer marked as seen')
  expect(document.activeElement).toBe(control('Mark all as seen'))
})

test('U4.10 the calls of one caller are marked and brought back by one button, which keeps the focus', async () => {
  const { of } = await showMarking(several)
  const before = listed()
  const carla = control('Seen: Carla')
  carla.focus()
  await click(carla)
  expect(of('missed-seen')).toEqual([{ calls: ['c1'] }])
  expect(carla.getAttribute('aria-pressed')).toBe('true')
  expect(document.activeElement).toBe(carla)
  expect(listed()).toEqual(before)
  expect([heading(), status()]).toEqual(['3 missed calls', '1 missed call marked as seen Undo'])
  await click(carla)
  expect(of('missed-unseen')).toEqual([{ calls: ['c1'] }])
  expect([heading(), document.activeElement]).toEqual(['4 missed calls', carla])
})

test('U4.10 a call that comes while the others are dimmed is not, is alone to be marked, and takes no focus', async () => {
  const { of, late, state } = await showMarking(several)
  await click(control('Mark all as seen'))
  await late({ ...state(), missed: [benAt(at(13, 0), { id: 'b4' })] })
  expect(heading()).toBe('1 missed call')
  expect(listed()[0]).toBe('Ben Sample 13:00 no answer')
  expect(document.querySelectorAll('.missed-caller--seen')).toHaveLength(2)
  expect(document.activeElement).toBe(control('Undo'))
  await click(control('Mark as seen'))
  expect(of('missed-seen').at(-1)).toEqual({ calls: ['b4'] })
  expect(document.activeElement).toBe(control('Undo'))
  expect(listed()[0]).toBe('Ben Sample · 4 13:00 no answer, hung up, you could not be reached')
})

test('U4.10 whoever marks one of two groups of a caller has the focus on what became of both', async () => {
  const { late, state } = await showMarking(several)
  await click(control('Seen: Ben'))
  await late({ ...state(), missed: [benAt(at(13, 0), { id: 'b4' }), ...state().missed] })
  const newer = control('Seen: Ben')
  newer.focus()
  await click(newer)
  expect(listed()[0]).toContain('Ben Sample · 4')
  expect(document.activeElement).toBe(control('Seen: Ben'))
})

test('U4.10 Enter held down presses once', async () => {
  await showMarking(several)
  control('Mark all as seen').focus()
  expect(await press('Enter')).toBe(true)
  expect(await press('Enter', { repeat: true })).toBe(false)
})

test('U4.10 whoever opens the popup and presses Enter marks nothing: no button has the focus', async () => {
  const { of } = await showMarking(several)
  const focused = document.activeElement as HTMLElement
  expect(['H1', 'BODY']).toContain(focused.tagName)
  await click(focused)
  expect(of('missed-seen')).toEqual([])
})

test('U4.10 a server that takes nothing back is not promised to: it dims, and has no Undo', async () => {
  await showMarking(several, false)
  control('Mark all as seen').focus()
  await click(control('Mark all as seen'))
  expect(status()).toBe('4 missed calls marked as seen')
  expect(listed()).toHaveLength(2)
  expect(document.querySelector('.missed-toggle')).toBeNull()
  expect(document.activeElement?.tagName).toBe('H2')
})

test('U4.10 what was marked within ten minutes before is there for whoever opens the popup; then it is gone', async () => {
  const seen = { calls: several, at: now - 599_000, canUndo: true }
  await show({ seen })
  expect(listed()).toHaveLength(2)
  // Not from under the eyes of whoever has it open.
  await doing(() => vi.advanceTimersByTime(60_000))
  expect(control('Undo')).toBeDefined()
  await draw(null)
  await show({ seen })
  expect(text()).not.toMatch(/missed/i)
})

test('U4.2 whatever calls there are, marked or not, each is in the list once, under its name, newest first', () => {
  const some = fc.uniqueArray(
    fc.record({
      id: fc.nat(40).map((n) => `m${n}`),
      from: fc.constantFrom('Ben', 'Carla', 'Dr Bell', 'ben'),
      at: fc.nat(9),
      why: fc.constantFrom('no-answer' as const, 'busy' as const),
      isSeen: fc.boolean(),
    }),
    { selector: ({ id }) => id, maxLength: 30 },
  )
  fc.assert(
    fc.property(some, (calls) => {
      const seen = { calls: calls.filter(({ isSeen }) => isSeen), at: 0, canUndo: true }
      const callers = gatherCallers(
        calls.filter(({ isSeen }) => !isSeen),
        seen,
      )
      const gathered = callers.flatMap(({ calls: theirs }) => theirs.map(({ id }) => id))
      const isNewestFirst = (list: readonly { readonly at: number }[]) =>
        list.every((call, index) => index === 0 || call.at <= (list[index - 1]?.at ?? 0))
      const names = callers.map((caller) => `${caller.from} ${caller.seen}`)
      const faults = [
        gathered.toSorted().join() ===
          calls
            .map(({ id }) => id)
            .toSorted()
            .join(),
        new Set(names).size === names.length,
        new Set(callers.map(({ key }) => key)).size === callers.length,
        callers.every((caller) => caller.calls.every(({ from }) => from === caller.from)),
        callers.every((caller) =>
          caller.calls.every((call) => seen.calls.includes(call as never) === caller.seen),
        ),
        callers.every((caller) => isNewestFirst(caller.calls)),
        isNewestFirst(callers.map((caller) => caller.calls[0])),
      ].filter((holds) => !holds)
      expect(faults).toEqual([])
      // Marking all of them moves nobody, where a caller was not in both lists already.
      if (seen.calls.length === 0)
        expect(gatherCallers([], { ...seen, calls }).map(({ key }) => key)).toEqual(
          callers.map(({ key }) => key),
        )
    }),
    { numRuns: Number(process.env.TRUTH_SCHEDULES ?? 1_000) },
  )
}, 600_000)

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
