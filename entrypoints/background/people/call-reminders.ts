import { clockWording } from '../../../messages/moment-wording.ts'
import type { ExpectedCallView } from '../../../messages/people.ts'
import type { Instant } from '../clocks.ts'
import type { After } from '../timer.ts'
import { lookEvery, noReminders, type ReminderEvent, reduceReminders } from './call-reminder-reducer.ts'
import { nextExpectedLook } from './expected-calls.ts'
import { notifyOfPeople, withdrawPeopleNotice } from './people-notification.ts'

export interface CallReminders {
  /** Looks at the clocks and at how calls stand; to be called whenever that may have changed. */
  readonly look: () => void
  /** Of which calls the person was told: what the next worker has to know. */
  readonly told: () => readonly string[]
  readonly restore: (told: readonly string[]) => void
  /** Nobody is signed in, or another person. */
  readonly clear: () => void
}

interface Dependencies {
  readonly clocks: () => Instant
  readonly after: After
  /** The calls that are expected now; null while it is not known which. */
  readonly calls: () => readonly ExpectedCallView[] | null
  /** Whether a notification may name somebody. */
  readonly mayName: () => boolean
  /** Something is to be kept. */
  readonly keep: () => void
  /** Time has come at which pages show it otherwise. */
  readonly changed: () => void
}

/** No timer waits for longer, in ms: one may stand still while the machine sleeps. */
const longestWait = 60_000

const keyOf = ({ id, at }: ExpectedCallView) => `${id}@${at}`

/** Gives the pure reducer of reminders clocks, a timer and a screen. */
export function createCallReminders(dependencies: Dependencies): CallReminders {
  const { clocks, after, calls, mayName, keep, changed } = dependencies
  let state = noReminders
  /** Whose reminders these are: what was asked for somebody before them is told to nobody. */
  let turn = 0
  let stop = () => {}

  function dispatch(event: ReminderEvent): void {
    const { state: next, effects } = reduceReminders(state, event, clocks())
    state = next
    for (const { type, key } of effects)
      if (type === 'show') void show(key)
      else void withdrawPeopleNotice({ about: 'expected', contact: key }).catch(() => {})
  }

  async function show(key: string): Promise<void> {
    const mine = turn
    const call = calls()?.find((one) => keyOf(one) === key)
    if (!call) return
    const { at, by } = call
    const notice = { about: 'expected', contact: key, name: by, at: clockWording(new Date(at)) } as const
    const type = await notifyOfPeople(notice, mayName()).then(
      () => 'shown' as const,
      () => 'refused' as const,
    )
    if (mine !== turn) return
    dispatch({ type, key })
    keep()
  }

  function look(): void {
    stop()
    const views = calls()
    if (!views) return
    dispatch({ type: 'look', calls: views.map((call) => ({ key: keyOf(call), atRisk: Boolean(call.risk) })) })
    keep()
    const wait = state.unsure === null ? nextExpectedLook(views, clocks().wall) : lookEvery
    if (wait !== null)
      stop = after(Math.min(wait, longestWait), () => {
        look()
        changed()
      })
  }

  return {
    look,
    told: () => state.told,
    restore: (told) => dispatch({ type: 'restored', told }),
    clear: () => {
      stop()
      turn += 1
      state = noReminders
    },
  }
}
