import { startOfDay } from './moment-wording.ts'

export interface BusyEnd {
  /** In the name of the menu's item and of the keyboard's command: nobody's key is lost by another wording. */
  readonly id: string
  /** For how long, or until when, as it goes on after "Busy ": `for 30 minutes`, `until tomorrow`. */
  readonly wording: string
  /** When it ends for who chooses it at `now`; both are ms since 1970. */
  readonly endsAt: (now: number) => number
}

const minute = 60_000

/** When "tomorrow" begins for who is not to be called in the night: an hour of the day. */
const morning = 8

/** Until when one can be busy without saying a time, soonest first. */
export const busyEnds: readonly BusyEnd[] = [
  { id: '30', wording: 'for 30 minutes', endsAt: (now) => now + 30 * minute },
  { id: '60', wording: 'for 1 hour', endsAt: (now) => now + 60 * minute },
  { id: '120', wording: 'for 2 hours', endsAt: (now) => now + 120 * minute },
  {
    id: 'tomorrow',
    wording: 'until tomorrow',
    endsAt: (now) => new Date(startOfDay(new Date(now), -1)).setHours(morning),
  },
]
