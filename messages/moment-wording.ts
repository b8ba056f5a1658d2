/** How times are told to whoever reads these languages, the best first. */
interface TimeFormats {
  readonly languages: string
  readonly clock: Intl.DateTimeFormat
  readonly clockWithSeconds: Intl.DateTimeFormat
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
  const hourCycle = hour12 ? 'h12' : 'h23'
  const dayAndMonth = { day: 'numeric', month: 'short' } as const
  known = {
    languages,
    clock: new Intl.DateTimeFormat(english, { timeStyle: 'short', hourCycle }),
    clockWithSeconds: new Intl.DateTimeFormat(english, { timeStyle: 'medium', hourCycle }),
    date: new Intl.DateTimeFormat(english, dayAndMonth),
    dateWithYear: new Intl.DateTimeFormat(english, { ...dayAndMonth, year: 'numeric' }),
  }
  return known
}

/** `10:42` or `10:42 AM`, in local time. */
export const clockWording = (date: Date): string => formats().clock.format(date)

/** `10:42:31` or `10:42:31 AM`, in local time. `at` is milliseconds since 1970. */
export const exactClockWording = (at: number): string => formats().clockWithSeconds.format(at)

/** Midnight at the start of `date`, so that days compare whatever daylight saving did. */
export const startOfDay = (date: Date, back = 0): number =>
  new Date(date.getFullYear(), date.getMonth(), date.getDate() - back).getTime()

/** The day of `date` inside a sentence: `today`, `yesterday`, `3 Nov`, `3 Nov 2025`. */
export function dayWording(date: Date, today: Date): string {
  if (startOfDay(date) === startOfDay(today)) return 'today'
  if (startOfDay(date) === startOfDay(today, 1)) return 'yesterday'
  return dateWording(date, today)
}

function dateWording(date: Date, today: Date): string {
  const isThisYear = date.getFullYear() === today.getFullYear()
  return (isThisYear ? formats().date : formats().dateWithYear).format(date)
}

/** A moment inside a sentence: `10:02` of today, `yesterday 10:02`, `3 Nov 10:02`. Both are milliseconds since 1970. */
export function momentInSentence(at: number, now: number): string {
  const date = new Date(at)
  const said = dayWording(date, new Date(now))
  return said === 'today' ? clockWording(date) : `${said} ${clockWording(date)}`
}

/** A moment with its day, for words that may be read on another: `3 Nov 10:02`, `3 Nov 2025 10:02`. */
export function momentWithDay(at: number, now: number): string {
  const date = new Date(at)
  return `${dateWording(date, new Date(now))} ${clockWording(date)}`
}

/**
 * A moment as people say it at `now`, in local time: `10:42` or `10:42 AM`, `Yesterday 17:03`, `3 Nov 08:15`,
 * `3 Nov 2025 08:15`. Both are milliseconds since 1970.
 */
export const momentWording = (at: number, now: number): string =>
  momentInSentence(at, now).replace(/^yesterday/, 'Yesterday')
