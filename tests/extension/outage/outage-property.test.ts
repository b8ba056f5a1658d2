import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  mostCorrections,
  type Notice,
  newsAfter,
  noOutages,
  type OutageEvent,
  type Outages,
  patienceAtFirst,
  patienceAtMost,
  reduceOutages,
  type Seen,
} from '../../../entrypoints/background/outage/outage-reducer.ts'
import counterexamples from './counterexamples.json' with { type: 'json' }

const whys = [null, null, 'no-network', 'server-silent', 'outdated', 'taken-over', 'session-ended'] as const

const seen: fc.Arbitrary<Seen> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ kind: 'at-rest' } as const) },
  { weight: 4, arbitrary: fc.constant({ kind: 'proven', confirmedAt: 0 } as const) },
  { weight: 6, arbitrary: fc.constantFrom(...whys).map((why) => ({ kind: 'unproven', why }) as const) },
)

type Move =
  /** The light changes, and is looked at for so many seconds. */
  | { readonly do: 'show'; readonly seen: Seen; readonly seconds: number }
  | { readonly do: 'sleep'; readonly seconds: number }
  | { readonly do: 'set-clock'; readonly seconds: number }
  | { readonly do: 'restart'; readonly seconds: number; readonly memory: boolean }
  | { readonly do: 'choose'; readonly mayTell: boolean }
  | { readonly do: 'close' }
  | { readonly do: 'refuse' }

const seconds = fc.oneof(
  { weight: 8, arbitrary: fc.nat(5) },
  { weight: 8, arbitrary: fc.nat(70) },
  { weight: 1, arbitrary: fc.nat(1_000) },
)
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('show' as const), seen, seconds }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sleep' as const), seconds: fc.nat(40_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('set-clock' as const),
      seconds: fc.integer({ min: -4_000, max: 4_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('restart' as const),
      seconds: fc.oneof(fc.nat(70), fc.nat(9_000)),
      memory: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('choose' as const), mayTell: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'close' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'refuse' } as const) },
)

/** Lives through a schedule. @returns what was promised and did not hold. */
function live(moves: readonly Move[]): string | null {
  let state: Outages = noOutages
  let now = { mono: 0, wall: 1_700_000_000_000 }
  /** All the time that passed, whatever the clocks say. */
  let real = 0
  let shown: Seen = { kind: 'unknown' }
  let mayTell = true
  let screen: Notice | null = null
  /** What the person could have seen of this outage, and what of it was told. */
  let unproven = 0
  let lasts = false
  /** By how much the wall clock, the only one that outlives a worker, went on without time awake since the last proof. */
  let ahead = 0
  let told = false
  let corrections = 0
  let firsts: number[] = []
  let wrong: string | null = null
  const fail = (what: string) => {
    wrong ??= what
  }

  function dispatch(event: OutageEvent): void {
    const step = reduceOutages(state, event, now)
    state = step.state
    for (const effect of step.effects) {
      screen = effect.type === 'show' ? effect.notice : null
      if (effect.type === 'clear') continue
      if (!mayTell) fail('told to somebody who does not want to be')
      if (effect.notice.says === 'back') {
        if (shown.kind !== 'proven') fail('said to be back without a proof')
        if (!told) fail('said to be back though nobody was told that it was off')
        continue
      }
      if (shown.kind !== 'unproven') fail('said to be off though it is not')
      if (told) {
        corrections += 1
        continue
      }
      told = true
      const final = shown.kind === 'unproven' && shown.why === 'session-ended'
      if (!final && unproven < patienceAtFirst) fail(`told after ${unproven} ms`)
      if (!final) firsts.push(real)
    }
    if (state.notice !== null && state.notice !== screen) fail('lost sight')
  }

  function look(): void {
    dispatch({ type: 'look', seen: shown, mayTell })
    if (screen?.says === 'back' && shown.kind !== 'proven' && shown.kind !== 'unknown') fail('false: back')
    if (screen?.says === 'off' && shown.kind !== 'unproven' && shown.kind !== 'unknown') fail('false: off')
    const reason = screen?.says === 'off' ? screen.why : null
    if (shown.kind === 'unproven' && reason !== null && reason !== state.outage?.why && !state.closed)
      fail('the reason is another')
  }

  function pass(milliseconds: number): void {
    now = { mono: now.mono + milliseconds, wall: now.wall + milliseconds }
    real += milliseconds
    if (shown.kind === 'unproven') unproven += milliseconds
  }

  for (const each of moves) {
    switch (each.do) {
      case 'show': {
        const next: Seen = each.seen.kind === 'proven' ? { kind: 'proven', confirmedAt: now.wall } : each.seen
        const over = next.kind !== 'unproven'
        if (next.kind === 'proven') ahead = 0
        const loggedIn = state.outage?.why === 'session-ended' && next.kind === 'unproven'
        shown = next
        if (loggedIn && next.why !== 'session-ended') [unproven, told, corrections] = [0, false, 0]
        look()
        lasts = !over
        if (over) [unproven, told, corrections] = [0, false, 0]
        for (let second = 0; second < each.seconds; second += 1) {
          pass(1_000)
          if (shown.kind === 'proven') shown = { kind: 'proven', confirmedAt: now.wall }
          look()
        }
        // Awake, watched and wanted for so long: it is told.
        if (
          next.kind === 'unproven' &&
          next.why !== 'session-ended' &&
          mayTell &&
          each.seconds * 1_000 > patienceAtMost &&
          !told
        )
          fail('never told')
        break
      }
      case 'sleep':
        ahead += each.seconds * 1_000
        now = { mono: now.mono, wall: now.wall + each.seconds * 1_000 }
        real += each.seconds * 1_000
        look()
        break
      case 'set-clock':
        ahead += Math.max(0, each.seconds * 1_000)
        now = { mono: now.mono, wall: now.wall + each.seconds * 1_000 }
        look()
        break
      case 'restart': {
        const { lookedAt: _, unseen: __, ...kept } = state
        now = { mono: 3, wall: now.wall + each.seconds * 1_000 }
        real += each.seconds * 1_000
        unproven += ahead
        ahead = 0
        // A lease that no worker holds any more ends by itself.
        if (shown.kind === 'proven') unproven += Math.max(0, each.seconds * 1_000 - 14_500)
        // Until a new worker knows the light, it is what it was.
        lasts = lasts || shown.kind === 'unproven'
        if (shown.kind !== 'proven' && lasts) unproven += each.seconds * 1_000
        lasts = lasts || shown.kind === 'proven'
        shown = { kind: 'unknown' }
        state = noOutages
        look()
        if (!each.memory) [told, corrections] = [false, 0]
        dispatch({ type: 'restored', kept: each.memory ? kept : null, ago: each.seconds * 1_000 })
        // A worker without a memory knows nothing of pacing either.
        if (!each.memory) [firsts, unproven] = [[], 0]
        if (!each.memory && screen !== null) fail('left standing by a worker that is dead')
        break
      }
      case 'choose':
        mayTell = each.mayTell
        look()
        if (!mayTell && screen !== null) fail('stands though it is not wanted')
        break
      case 'close':
        screen = null
        state = { ...reduceOutages(state, { type: 'closed' }, now).state, notice: null }
        break
      case 'refuse':
        screen = null
        state = reduceOutages(state, { type: 'refused' }, now).state
        break
      default:
        each satisfies never
    }
    if (corrections > mostCorrections + 1) fail('put right again and again')
    const clockHeld = !moves.some((one) => one.do === 'set-clock')
    for (const at of firsts)
      if (clockHeld && firsts.filter((one) => one >= at && one < at + newsAfter).length > 3) fail('nags')
    if (wrong !== null) return wrong
  }
  return wrong
}

/** `TRUTH_SCHEDULES=1000000 npx vitest run outage-property` lives through more. */
const numRuns = Number(process.env.TRUTH_SCHEDULES ?? 1_000)

test(
  'G3.1 G3.2 G3.3 G3.4 G3.5 in any schedule, what is said of an outage is true, once, and not soon again',
  () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 25 }), (moves) => {
        expect(live(moves)).toBeNull()
      }),
      { numRuns },
    )
  },
  30_000 + numRuns * 5,
)

test.each(counterexamples as unknown as readonly { readonly was: string; readonly moves: readonly Move[] }[])(
  'G3.1 G3.2 G3.3 G3.4 G3.5 a schedule in which once $was',
  ({ moves }) => {
    expect(live(moves)).toBeNull()
  },
)
