import { clockWording, dayWording, momentInSentence, startOfDay } from '../messages/moment-wording.ts'

/** The local midnight after `now`, when what was today becomes yesterday. Both are milliseconds since 1970. */
export const nextMidnight = (now: number): number => startOfDay(new Date(now), -1)

/**
 * A stretch of time inside a sentence: `10:02–10:14` of today, `yesterday 10:02–10:14`, or
 * `yesterday 23:50 to today 08:15`. All are milliseconds since 1970.
 */
export function stretchWording(from: number, until: number, now: number): string {
  const [start, end, today] = [new Date(from), new Date(until), new Date(now)]
  const startDay = dayWording(start, today)
  if (startOfDay(start) !== startOfDay(end))
    return `${startDay} ${clockWording(start)} to ${dayWording(end, today)} ${clockWording(end)}`
  return `${startDay === 'today' ? '' : `${startDay} `}${clockWording(start)}–${clockWording(end)}`
}

/** Until when something goes on: `14:00` of today, `tomorrow 08:00`, `3 Nov 08:00`. Both are milliseconds since 1970. */
export function untilWording(until: number, now: number): string {
  const date = new Date(until)
  return startOfDay(date, 1) === startOfDay(new Date(now))
    ? `tomorrow ${clockWording(date)}`
    : momentInSentence(until, now)
}

/** How long ago, from an age in milliseconds: `just now`, `3 s ago`, `2 min ago`. */
export function agoWording(age: number): string {
  const seconds = Math.floor(age / 1_000)
  if (seconds < 1) return 'just now'
  return seconds < 60 ? `${seconds} s ago` : `${Math.floor(seconds / 60)} min ago`
}

/** How long to wait, rounded up so that nobody comes back too early: `40 s`, `3 min`. */
export const waitWording = (seconds: number): string =>
  seconds <= 60 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`
