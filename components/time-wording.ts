/** How times are told to whoever reads these languages, the best first. */
interface TimeFormats {
  readonly languages: string
  readonly clock: Intl.DateTimeFormat
  readonly date: Intl.DateTimeFormat
  readonly dateWithYear: Intl.DateTimeFormat
}

/** Made once for a language: a list has many times in it. */
let known: TimeFormats | undefined

/** In English, which all else is in, and by the clock (12 or 24 hours) of the browser's language; as on the server's pages. */
function formats(): TimeFormats {
  const languages = navigator.languages.join()
  if (known?.languages === languages) return known
  const english = navigator.languages.find((one) => one.split('-')[0] === 'en') ?? 'en-GB'
  const { hour12 } = new Intl.DateTimeFormat(navigator.language, { hour: 'numeric' }).resolvedOptions()
  const dayAndMonth = { day: 'numeric', month: 'short' } as const
  known = {
    languages,
    clock: new Intl.DateTimeFormat(english, { timeStyle: 'short', hourCycle: hour12 ? 'h12' : 'h23' }),
    date: new Intl.DateTimeFormat(english, dayAndMonth),
    dateWithYear: new Intl.DateTimeFormat(english, { ...dayAndMonth, year: 'numeric' }),
  }
  return known
}

const clock = (date: Date) => formats().clock.format(date)

/** Midnight at the start of `date`, so that days compare whatever daylight saving did. */
const day = (date: Date, back = 0) =>
  new Date(date.getFullYear(), date.getMonth(), date.getDate() - back).getTime()

/** The local midnight after `now`, when what was today becomes yesterday. Both are milliseconds since 1970. */
export const nextMidnight = (now: number): number => day(new Date(now), -1)

function dayWording(date: Date, today: Date): string {
  if (day(date) === day(today)) return 'today'
  if (day(date) === day(today, 1)) return 'yesterday'
  const isThisYear = date.getFullYear() === today.getFullYear()
  return (isThisYear ? formats().date : formats().dateWithYear).format(date)
}

/**
 * A moment as people say it at `now`, in local time: `10:42` or `10:42 AM`, `Yesterday 17:03`, `3 Nov 08:15`,
 * `3 Nov 2025 08:15`. Both are milliseconds since 1970.
 */
export function momentWording(at: number, now: number): string {
  const date = new Date(at)
  const said = dayWording(date, new Date(now))
  if (said === 'today') return clock(date)
  return `${said === 'yesterday' ? 'Yesterday' : said} ${clock(date)}`
}

/**
 * A stretch of time inside a sentence: `10:02–10:14` of today, `yesterday 10:02–10:14`, or
 * `yesterday 23:50 to today 08:15`. All are milliseconds since 1970.
 */
export function stretchWording(from: number, until: number, now: number): string {
  const [start, end, today] = [new Date(from), new Date(until), new Date(now)]
  const startDay = dayWording(start, today)
  if (day(start) !== day(end)) return `${startDay} ${clock(start)} to ${dayWording(end, today)} ${clock(end)}`
  return `${startDay === 'today' ? '' : `${startDay} `}${clock(start)}–${clock(end)}`
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
