import { elapsed, type Instant } from '../clocks.ts'

/** What of reminders of expected calls a device knows. A call is named by its id and its time: one that is put off is another. */
export interface Reminders {
  /** Of which the person was told: the browser has shown it. This outlives the worker. */
  readonly told: readonly string[]
  /** What may stand on the screen. */
  readonly standing: readonly string[]
  /** For how long, in ms awake, one of which nobody was told is not sure to ring; null while there is none. */
  readonly unsure: number | null
  readonly lookedAt: Instant | null
}

export const noReminders: Reminders = { told: [], standing: [], unsure: null, lookedAt: null }

export type ReminderEvent =
  /** All calls that are expected, and whether each is due and not sure to ring here. */
  | { readonly type: 'look'; readonly calls: readonly { readonly key: string; readonly atRisk: boolean }[] }
  /** The browser shows it, or will not. */
  | { readonly type: 'shown' | 'refused'; readonly key: string }
  /** Of what an earlier worker told the person. */
  | { readonly type: 'restored'; readonly told: readonly string[] }

export type ReminderEffect = { readonly type: 'show' | 'withdraw'; readonly key: string }

export interface ReminderStep {
  readonly state: Reminders
  readonly effects: readonly ReminderEffect[]
}

/** Whoever wakes or has just started proves in this time that calls get through, or does not: milliseconds awake. */
export const patience = 10_000
/** While one is about to be told it is looked at so often, in ms; a much longer gap was a sleep. */
export const lookEvery = 2_000
const sleptFor = 3 * lookEvery

/**
 * Decides when a person is told that an expected call may not ring. Pure. Each is told once, and what stands on the screen
 * goes as soon as the call is sure to ring, has been put off, or is expected no longer.
 */
export function reduceReminders(state: Reminders, event: ReminderEvent, now: Instant): ReminderStep {
  switch (event.type) {
    case 'look':
      return look(state, event.calls, now)
    case 'shown':
      return { state: { ...state, told: [...without(state.told, event.key), event.key] }, effects: [] }
    case 'refused':
      return { state: { ...state, standing: without(state.standing, event.key), unsure: null }, effects: [] }
    case 'restored': {
      const add = (known: readonly string[]) => [...new Set([...event.told, ...known])]
      return { state: { ...state, told: add(state.told), standing: add(state.standing) }, effects: [] }
    }
    default:
      return event satisfies never
  }
}

function look(
  state: Reminders,
  calls: Extract<ReminderEvent, { type: 'look' }>['calls'],
  now: Instant,
): ReminderStep {
  const risky = calls.filter(({ atRisk }) => atRisk).map(({ key }) => key)
  const untold = risky.filter((key) => !state.told.includes(key))
  const gap = state.lookedAt === null ? 0 : elapsed(state.lookedAt, now)
  const counts = state.unsure !== null && gap <= sleptFor
  const unsure = untold.length === 0 ? null : counts ? (state.unsure ?? 0) + gap : 0
  const show =
    unsure !== null && unsure >= patience ? untold.filter((key) => !state.standing.includes(key)) : []
  return {
    state: {
      told: state.told.filter((told) => calls.some(({ key }) => key === told)),
      standing: [...state.standing.filter((key) => risky.includes(key)), ...show],
      unsure,
      lookedAt: now,
    },
    effects: [
      ...state.standing
        .filter((key) => !risky.includes(key))
        .map((key): ReminderEffect => ({ type: 'withdraw', key })),
      ...show.map((key): ReminderEffect => ({ type: 'show', key })),
    ],
  }
}

const without = (keys: readonly string[], key: string) => keys.filter((one) => one !== key)
