import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createOutageDriver } from '../../../entrypoints/background/outage/outage-driver.ts'
import {
  type KeptOutages,
  mostCorrections,
  type Notice,
  newsAfter,
  patienceAtFirst,
  patienceAtMost,
  type Seen,
} from '../../../entrypoints/background/outage/outage-reducer.ts'
import counterexamples from './counterexamples.json' with { type: 'json' }

const whys = [null, null, 'no-network', 'server-silent', 'outdated', 'taken-over', 'session-ended'] as const

const seen: fc.Arbitrary<Seen> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ kind: 'at-rest' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'unreadable' } as const) },
  { weight: 8, arbitrary: fc.constant({ kind: 'proven', confirmedAt: 0 } as const) },
  { weight: 12, arbitrary: fc.constantFrom(...whys).map((why) => ({ kind: 'unproven', why }) as const) },
)

type Move =
  /** The light changes, and is looked at for so many seconds, each so many. */
  | { readonly do: 'show'; readonly seen: Seen; readonly seconds: number; readonly beat?: number }
  | { readonly do: 'sleep'; readonly seconds: number }
  | { readonly do: 'set-clock'; readonly seconds: number }
  /** The worker dies, and another comes so much later. */
  | {
      readonly do: 'restart'
      readonly seconds: number
      /** `late`: it cannot be read until the light has changed once more. A boolean in schedules of before. */
      readonly memory: 'kept' | 'lost' | 'late' | boolean
      /** Whether the browser still did what the dead one had asked for. */
      readonly done?: boolean
      /** What wakes the next one. */
      readonly by?: 'alarm' | 'close' | 'click'
    }
  | { readonly do: 'choose'; readonly mayTell: boolean | null }
  | { readonly do: 'close' }
  | { readonly do: 'click' }
  /** The browser will show the next notification to nobody. */
  | { readonly do: 'refuse' }
  /** The browser is busy: it does nothing of what it is asked until the second of these. */
  | { readonly do: 'stall' }

const seconds = fc.oneof(
  { weight: 8, arbitrary: fc.nat(5) },
  { weight: 8, arbitrary: fc.nat(70) },
  { weight: 1, arbitrary: fc.nat(1_000) },
)
const beat = fc.constantFrom(1, 1, 1, 1, 4, 9)
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 24, arbitrary: fc.record({ do: fc.constant('show' as const), seen, seconds, beat }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sleep' as const), seconds: fc.nat(40_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('set-clock' as const),
      seconds: fc.integer({ min: -4_000, max: 4_000 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('restart' as const),
      seconds: fc.oneof(fc.nat(70), fc.nat(9_000)),
      memory: fc.constantFrom('kept' as const, 'kept' as const, 'lost' as const, 'late' as const),
      done: fc.boolean(),
      by: fc.constantFrom('alarm' as const, 'alarm' as const, 'close' as const, 'click' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('choose' as const),
      mayTell: fc.constantFrom(true, true, false, null),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'close' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'click' } as const) },
  { weight: 2, arbitrary: fc.constant({ do: 'refuse' } as const) },
  { weight: 3, arbitrary: fc.constant({ do: 'stall' } as const) },
)

/** What the browser was asked, in its turn; what nobody waits for any more was asked by a dead worker. */
interface Asked {
  readonly carryOut: () => void
  readonly isBack: boolean
}

/** A browser: its screen, its memory, and the order in which it does what it is asked. */
function openBrowser(
  replacementIsClosed: boolean,
  told: { readonly shown: (notice: Notice, first: boolean, outage: number) => void },
) {
  let queue: Asked[] = []
  /** What it tells the worker as soon as that listens. */
  let closedEvents = 0
  const self = {
    screen: null as Notice | null,
    memory: null as { readonly kept: KeptOutages; readonly at: number } | null,
    unreadable: false,
    refuses: false,
    stalled: false,
    refusedLast: (_isBackWaiting: boolean) => {},
    show: (notice: Notice, first: boolean, outage: number): Promise<void> =>
      new Promise((resolve, reject) => {
        queue.push({
          isBack: notice.says === 'back',
          carryOut: () => {
            if (self.refuses) {
              self.refuses = false
              self.refusedLast(queue.some(({ isBack }) => isBack))
              return reject(new Error('no'))
            }
            if (self.screen !== null && replacementIsClosed) closedEvents += 1
            self.screen = notice
            told.shown(notice, first, outage)
            resolve()
          },
        })
      }),
    clear: (): Promise<void> =>
      new Promise((resolve) => {
        queue.push({ isBack: false, carryOut: () => resolve(self.close()) })
      }),
    stands: (): Promise<boolean> =>
      new Promise((resolve) => {
        queue.push({ isBack: false, carryOut: () => resolve(self.screen !== null) })
      }),
    close: () => {
      if (self.screen !== null) closedEvents += 1
      self.screen = null
    },
    busy: () => self.stalled || queue.length > 0 || closedEvents > 0,
    /** Does what it was asked, and tells what came of it, until there is no more. */
    settle: async (closed: () => void): Promise<void> => {
      if (self.stalled) return
      while (queue.length > 0 || closedEvents > 0) {
        for (let next = queue.shift(); next; next = queue.shift()) {
          next.carryOut()
          await turns()
        }
        for (; closedEvents > 0; closedEvents -= 1) closed()
        await turns()
      }
    },
    /** The worker is dead: what it asked for may still be done, and nobody hears of it. */
    forget: (done: boolean) => {
      if (done) for (let next = queue.shift(); next; next = queue.shift()) next.carryOut()
      queue = []
      closedEvents = 0
      self.stalled = false
    },
  }
  return self
}

/** Long enough for a promise to be heard through all that hands it on. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) await null
}

/** Lives through a schedule. @returns what was promised and did not hold. */
async function live(moves: readonly Move[], replacementIsClosed: boolean): Promise<string | null> {
  let now = { mono: 0, wall: 1_700_000_000_000 }
  /** All the time that passed, whatever the clocks say. */
  let real = 0
  let shown: Seen = { kind: 'unknown' }
  /** What it was before nobody could read it. */
  let known: Seen = shown
  let mayTell: boolean | null = true
  /** What the person could have seen of this outage, and what of it was told. */
  let unproven = 0
  let lasts = false
  /** The last reason that was found of it. */
  let why: string | null = null
  /** By how much the wall clock, the only one that outlives a worker, went on without time awake since the last proof. */
  let ahead = 0
  let told = false
  let corrections = 0
  /** What dead workers, or browsers that show nothing, make be told once more. */
  let allowed = mostCorrections + 1
  let firsts: number[] = []
  let late: (() => Promise<void>) | null = null
  let wrong: string | null = null
  const fail = (what: string) => {
    wrong ??= what
  }
  /** The worker has read what the one before it kept. */
  let restored = false
  /** How many were over. */
  let outages = 0
  /** A worker died that could not read, and so not write: of what it saw the next ones know nothing. */
  let isUnknown = false
  const isOver = () => {
    outages += 1
    unproven = 0
    told = false
    corrections = 0
    allowed = mostCorrections + 1
    why = null
  }

  const browser = openBrowser(replacementIsClosed, {
    shown: (notice, isFirst, outage) => {
      if (notice.says === 'back') {
        if (!told && !heardOfEarlier && !isUnknown)
          fail('said to be back though nobody was told that it was off')
        heardOfEarlier = false
        return
      }
      heardOfEarlier = true
      // A busy browser shows late what was told of one that is over.
      if (outage !== outages) return
      if (told) {
        corrections += 1
        return
      }
      told = true
      if (isFirst) firsts.push(real)
    },
  })
  /** Somebody was told that it was off, and not that it is not. */
  let heardOfEarlier = false
  browser.refusedLast = (isBackWaiting) => {
    allowed += 1
    if (isBackWaiting) heardOfEarlier = true
  }

  function startWorker() {
    return createOutageDriver({
      clocks: () => now,
      after: () => () => {},
      seen: () => shown,
      mayTell: () => mayTell,
      store: {
        read: () => {
          if (browser.unreadable) return Promise.reject(new Error('not now'))
          return Promise.resolve(browser.memory ?? { kept: null, at: 0 })
        },
        write: ({ lookedAt: _, unseen: __, ...kept }, at) => {
          browser.memory = { kept, at }
        },
      },
      show: (notice) => {
        if (mayTell !== true) fail('told to somebody who does not want to be')
        if (notice.says === 'back') {
          if (shown.kind !== 'proven') fail('said to be back without a proof')
          return browser.show(notice, false, outages)
        }
        if (shown.kind !== 'unproven') fail('said to be off though it is not')
        const final = shown.kind === 'unproven' && shown.why === 'session-ended'
        if (!told && !final && !isUnknown && unproven < patienceAtFirst) fail(`told after ${unproven} ms`)
        return browser.show(notice, !final, outages)
      },
      clear: browser.clear,
      stands: browser.stands,
    })
  }
  let worker = startWorker()

  /** A browser that is busy lets it wait for what stands on the screen. */
  async function restore(): Promise<void> {
    const reading = worker
    void reading.restore().then(
      () => {
        if (worker === reading) restored = true
      },
      () => {},
    )
    await turns()
    await browser.settle(worker.closed)
  }
  await restore()

  async function settle(): Promise<void> {
    await browser.settle(worker.closed)
    if (browser.busy()) return
    const { screen, memory } = browser
    if (restored && memory !== null) {
      if (screen !== null && memory.kept.notice !== screen) fail('stands, and is not known to')
      if (screen === null && memory.kept.notice !== null && !memory.kept.closed) fail('is not shown')
    }
    if (shown.kind === 'unreadable' && screen !== null) fail('stands though nobody knows whether it holds')
    if (screen?.says === 'back' && shown.kind !== 'proven' && shown.kind !== 'unknown') fail('false: back')
    if (screen?.says !== 'off') return
    if (shown.kind !== 'unproven' && shown.kind !== 'unknown') fail('false: off')
    if (shown.kind === 'unproven' && screen.why !== null && screen.why !== why && !isUnknown)
      fail('the reason is another')
  }

  async function look(): Promise<void> {
    worker.look()
    await settle()
  }

  function pass(milliseconds: number): void {
    now = { mono: now.mono + milliseconds, wall: now.wall + milliseconds }
    real += milliseconds
    if (shown.kind === 'unproven' || shown.kind === 'unreadable') unproven += milliseconds
  }

  for (const each of moves) {
    switch (each.do) {
      case 'show': {
        const next: Seen = each.seen.kind === 'proven' ? { kind: 'proven', confirmedAt: now.wall } : each.seen
        const over = next.kind === 'proven' || next.kind === 'at-rest'
        if (next.kind === 'proven') ahead = 0
        const loggedIn = why === 'session-ended' && next.kind === 'unproven' && next.why !== 'session-ended'
        shown = next
        if (next.kind !== 'unreadable') known = next
        if (loggedIn) isOver()
        if ((loggedIn || next.kind === 'at-rest') && !browser.busy()) heardOfEarlier = false
        if (next.kind === 'unproven') why = next.why ?? why
        await look()
        const beat = each.beat ?? 1
        const refusals = allowed
        for (let second = beat; second <= each.seconds; second += beat) {
          pass(beat * 1_000)
          if (shown.kind === 'proven') shown = { kind: 'proven', confirmedAt: now.wall }
          await look()
        }
        if (next.kind === 'unproven') lasts = true
        if (over) {
          lasts = false
          isOver()
          if (restored) isUnknown = false
        }
        // Awake, watched and wanted for so long: it is told, or still said.
        if (
          next.kind === 'unproven' &&
          next.why !== 'session-ended' &&
          mayTell &&
          late === null &&
          Math.floor(each.seconds / beat) * Math.min(beat, 3) * 1_000 > patienceAtMost &&
          !browser.busy() &&
          refusals === allowed &&
          !told &&
          !isUnknown &&
          browser.screen?.says !== 'off'
        )
          fail('never told')
        if (late) await late()
        break
      }
      case 'sleep':
        ahead += each.seconds * 1_000
        now = { mono: now.mono, wall: now.wall + each.seconds * 1_000 }
        real += each.seconds * 1_000
        await look()
        break
      case 'set-clock':
        ahead += Math.max(0, each.seconds * 1_000)
        now = { mono: now.mono, wall: now.wall + each.seconds * 1_000 }
        await look()
        break
      case 'restart': {
        const memory = typeof each.memory === 'string' ? each.memory : each.memory ? 'kept' : 'lost'
        browser.forget(each.done ?? true)
        isUnknown ||= !restored
        // Nobody knows whether that was heard, so it is said once more.
        if (browser.screen?.says === 'back') heardOfEarlier = true
        allowed += 1
        now = { mono: 3, wall: now.wall + each.seconds * 1_000 }
        real += each.seconds * 1_000
        unproven += ahead
        ahead = 0
        // A lease that no worker holds any more ends by itself.
        if (known.kind === 'proven') unproven += Math.max(0, each.seconds * 1_000 - 14_250)
        // Until a new worker knows the light, it is what it was.
        lasts = lasts || known.kind === 'unproven'
        if (known.kind !== 'proven' && lasts) unproven += each.seconds * 1_000
        lasts = lasts || known.kind === 'proven'
        shown = { kind: 'unknown' }
        known = shown
        late = null
        worker = startWorker()
        worker.look()
        // The event that wakes a worker is told before anything that it reads.
        if (each.by === 'close' && browser.screen !== null) {
          browser.close()
          worker.closed()
        }
        if (each.by === 'click' && browser.screen !== null) worker.clicked()
        if (memory === 'lost') {
          // A worker without a memory knows nothing of pacing either.
          browser.memory = null
          isOver()
          heardOfEarlier = false
          firsts = []
        }
        // One that looks before it can read takes it for another outage.
        if (memory === 'late') allowed += mostCorrections
        browser.unreadable = memory === 'late'
        restored = false
        await restore()
        if (memory === 'late')
          late = async () => {
            late = null
            browser.unreadable = false
            await restore()
            await settle()
          }
        await settle()
        if (memory !== 'kept' && browser.screen !== null) fail('left standing by a worker that is dead')
        break
      }
      case 'choose':
        mayTell = each.mayTell
        await look()
        if (mayTell === false && !browser.busy() && browser.screen !== null)
          fail('stands though it is not wanted')
        break
      case 'close':
        browser.close()
        await settle()
        break
      case 'click':
        if (browser.screen === null) break
        worker.clicked()
        await settle()
        if (!browser.busy() && browser.screen !== null) fail('stands though it was clicked')
        break
      case 'refuse':
        browser.refuses = true
        break
      case 'stall':
        browser.stalled = !browser.stalled
        await settle()
        break
      default:
        each satisfies never
    }
    if (corrections > allowed) fail('put right again and again')
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
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(move, { maxLength: 25 }),
        fc.boolean(),
        async (moves, replacementIsClosed) => {
          expect(await live(moves, replacementIsClosed)).toBeNull()
        },
      ),
      { numRuns },
    )
  },
  30_000 + numRuns * 10,
)

test.each(counterexamples as unknown as readonly { readonly was: string; readonly moves: readonly Move[] }[])(
  'G3.1 G3.2 G3.3 G3.4 G3.5 a schedule in which once $was',
  async ({ moves }) => {
    expect(await live(moves, false)).toBeNull()
    expect(await live(moves, true)).toBeNull()
  },
)
