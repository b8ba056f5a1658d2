import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  lookEvery,
  noReminders,
  patience,
  type ReminderEvent,
  type Reminders,
  reduceReminders,
} from '../../../entrypoints/background/people/call-reminder-reducer.ts'
import { expectedViews, nextExpectedLook } from '../../../entrypoints/background/people/expected-calls.ts'

/** What time does in one go, in ms, and how often an alarm wakes the worker, or begins another. */
const tick = 500
const alarmEvery = 30_000
/** A device that sleeps for less is awake to whoever looks at it. */
const slept = 3 * lookEvery
const minute = 60_000

type Step =
  | { readonly do: 'pass' | 'sleep'; readonly ms: number }
  | { readonly do: 'expect'; readonly call: number; readonly in: number }
  | { readonly do: 'cancel'; readonly call: number }
  | { readonly do: 'prove'; readonly proven: boolean }
  | { readonly do: 'busy'; readonly for: number | null }
  | { readonly do: 'browser'; readonly shows: boolean }
  | { readonly do: 'kill' | 'settle' }

const always = (step: Step) => fc.constant(step)
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.integer({ min: tick, max: 3 * minute }).map((ms): Step => ({ do: 'pass', ms })),
    },
    {
      weight: 2,
      arbitrary: fc.integer({ min: 1, max: 40 * minute }).map((ms): Step => ({ do: 'sleep', ms })),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.nat(2), fc.integer({ min: -16 * minute, max: 14 * minute }))
        .map(([call, later]): Step => ({ do: 'expect', call, in: later })),
    },
    { weight: 1, arbitrary: fc.nat(2).map((call): Step => ({ do: 'cancel', call })) },
    { weight: 3, arbitrary: fc.boolean().map((proven): Step => ({ do: 'prove', proven })) },
    {
      weight: 1,
      arbitrary: fc
        .option(fc.integer({ min: minute, max: 60 * minute }))
        .map((span): Step => ({ do: 'busy', for: span })),
    },
    { weight: 1, arbitrary: fc.boolean().map((shows): Step => ({ do: 'browser', shows })) },
    { weight: 2, arbitrary: always({ do: 'kill' }) },
    { weight: 3, arbitrary: always({ do: 'settle' }) },
  ),
  { maxLength: 40 },
)

/** A device whose worker dies and whose machine sleeps, and what an onlooker knows of both. */
class World {
  mono = 0
  wall = 1_800_000_000_000
  /** Null while no worker lives. */
  worker: { state: Reminders; nextLook: number } | null = null
  kept: readonly string[] = []
  nextAlarm = 0
  proven = false
  busyUntil: number | null = null
  shows = true
  calls = new Map<string, { id: string; at: number; by: string; contact: null; gone: false }>()
  /** Asked of the browser, which has not answered. */
  asked: string[] = []
  screen = new Set<string>()
  /** How often each was shown. */
  shown = new Map<string, number>()
  /** The last moment at which the worker began, the machine woke, or nothing was at risk. */
  calmAt = 0
  exposed = new Map<string, number>()

  readonly monoStopsInSleep: boolean

  constructor(monoStopsInSleep: boolean) {
    this.monoStopsInSleep = monoStopsInSleep
    this.start()
  }

  views() {
    const standing = { proven: this.proven, busyUntil: this.busyUntil, ringsThrough: () => false }
    return expectedViews(this.calls.values(), standing, this.wall)
  }
  risky = () =>
    this.views()
      .filter(({ risk }) => risk)
      .map(({ id, at }) => `${id}@${at}`)

  start(): void {
    this.worker = { state: noReminders, nextLook: 0 }
    this.calmAt = this.wall
    this.dispatch({ type: 'restored', told: this.kept })
    this.look()
  }

  dispatch(event: ReminderEvent): void {
    if (!this.worker) return
    const { state, effects } = reduceReminders(this.worker.state, event, { mono: this.mono, wall: this.wall })
    this.worker.state = state
    for (const { type, key } of effects) {
      if (type === 'withdraw') this.settle()
      if (type === 'withdraw') this.screen.delete(key)
      else this.show(key)
    }
    this.kept = state.told
  }

  show(key: string): void {
    expect(this.risky()).toContain(key)
    // Nobody is told who has only just woken, or whose worker has.
    expect(this.wall - this.calmAt).toBeGreaterThanOrEqual(patience - slept)
    expect(this.kept).not.toContain(key)
    this.asked.push(key)
  }

  /** The browser answers. */
  settle(): void {
    const asked = this.asked
    this.asked = []
    for (const key of asked) {
      if (this.shows) {
        this.screen.add(key)
        this.shown.set(key, (this.shown.get(key) ?? 0) + 1)
      }
      this.exposed.set(key, 0)
      this.dispatch({ type: this.shows ? 'shown' : 'refused', key })
    }
  }

  look(): void {
    const { worker } = this
    if (!worker) return
    const views = this.views()
    const calls = views.map(({ id, at, risk }) => ({ key: `${id}@${at}`, atRisk: risk !== undefined }))
    if (!calls.some(({ atRisk }) => atRisk)) this.calmAt = this.wall
    this.dispatch({ type: 'look', calls })
    // The next look is set before the browser answers, as in `call-reminders.ts`.
    const wait = worker.state.unsure === null ? nextExpectedLook(views, this.wall) : lookEvery
    worker.nextLook = wait === null ? Number.POSITIVE_INFINITY : this.mono + Math.min(wait, minute)
    this.settle()
    // What stands there is true.
    for (const key of this.screen) expect(this.risky()).toContain(key)
  }

  pass(ms: number): void {
    for (let left = ms; left > 0; left -= tick) {
      this.mono += tick
      this.wall += tick
      this.wake()
      for (const key of this.risky()) {
        const told = (this.shown.get(key) ?? 0) > 0
        const counts = this.worker !== null && this.shows && !told
        const exposed = counts ? (this.exposed.get(key) ?? 0) + tick : 0
        this.exposed.set(key, exposed)
        // Whoever is not sure to be rung is told so.
        expect(exposed).toBeLessThanOrEqual(patience + 3 * lookEvery)
      }
      this.forgetWhatIsSure()
    }
  }

  /** What is sure to ring, if for a moment, is not exposed, and begins anew when it is at risk again. */
  forgetWhatIsSure(): void {
    const risky = this.risky()
    for (const key of this.exposed.keys()) if (!risky.includes(key)) this.exposed.set(key, 0)
  }

  wake(): void {
    if (this.wall >= this.nextAlarm) {
      this.nextAlarm = this.wall + alarmEvery
      if (this.worker) this.look()
      else this.start()
    } else if (this.worker && this.mono >= this.worker.nextLook) this.look()
  }

  sleep(ms: number): void {
    this.wall += ms
    if (!this.monoStopsInSleep) this.mono += ms
    if (ms > slept) this.calmAt = this.wall
    this.exposed.clear()
  }

  kill(): void {
    // It may have shown what the next one does not know of.
    for (const key of this.asked) if (this.shows) this.screen.add(key)
    this.asked = []
    this.worker = null
    this.exposed.clear()
  }

  carryOut(step: Step): void {
    switch (step.do) {
      case 'pass':
      case 'sleep':
        this[step.do](step.ms)
        break
      case 'expect': {
        const id = `call-${step.call}`
        this.calls.set(id, { id, at: this.wall + step.in, by: 'Ben', contact: null, gone: false })
        this.look()
        break
      }
      case 'cancel':
        this.calls.delete(`call-${step.call}`)
        this.look()
        break
      case 'prove':
        this.proven = step.proven
        this.look()
        break
      case 'busy':
        this.busyUntil = step.for === null ? null : this.wall + step.for
        this.look()
        break
      case 'browser':
        this.shows = step.shows
        this.exposed.clear()
        break
      case 'kill':
      case 'settle':
        this[step.do]()
        break
      default:
        step satisfies never
    }
    this.forgetWhatIsSure()
  }
}

/** How often each of the calls was told after all that. */
function toldAfter(schedule: readonly Step[]): readonly number[] {
  const world = new World(false)
  for (const step of schedule) world.carryOut(step)
  return [...world.shown.values()]
}

test('PR1.3 a reminder that the browser refused is tried again in time', () => {
  const times = toldAfter([
    { do: 'browser', shows: false },
    { do: 'expect', call: 0, in: 0 },
    { do: 'pass', ms: 10_001 },
    { do: 'browser', shows: true },
    { do: 'pass', ms: 16_001 },
  ])
  expect(times).toEqual([1])
})

test('PR1.2 a call that was sure to ring for a moment is told of once it has been at risk anew for as long', () => {
  const sureForAMoment: Step[] = [
    { do: 'expect', call: 0, in: 0 },
    { do: 'pass', ms: 6_501 },
    { do: 'prove', proven: true },
    { do: 'busy', for: 10 * minute },
  ]
  expect(toldAfter([...sureForAMoment, { do: 'pass', ms: patience - tick }])).toEqual([])
  expect(toldAfter([...sureForAMoment, { do: 'pass', ms: patience + 3 * lookEvery }])).toEqual([1])
})

const runs = Number(process.env.REMINDER_SCHEDULES ?? 1_000)

test('PR1.2 PR1.3 over random clocks, sleeps and deaths each call that might not ring is told once, and nothing untrue stands', () => {
  let told = 0
  fc.assert(
    fc.property(fc.boolean(), steps, (monoStops, schedule) => {
      const world = new World(monoStops)
      for (const step of schedule) world.carryOut(step)
      for (const [key, times] of world.shown) {
        expect(times).toBe(1)
        expect(key).toMatch(/@/)
        told += 1
      }
    }),
    { numRuns: runs },
  )
  // It tells: of a worker that never did all this would be true as well.
  expect(told).toBeGreaterThan(runs / 20)
}, 120_000)
