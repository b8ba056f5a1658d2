import * as v from 'valibot'

const minutesOfDay = 1_440
const minutesOfWeek = 7 * minutesOfDay

/** A stretch of each week: from a minute of a day (0 is Monday) to another, which may be of the day after. */
const stretch = v.object({
  day: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(6)),
  from: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(minutesOfDay - 1)),
  to: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 * minutesOfDay)),
})

/** When a place is open, by the clock of its zone. None at all is never. */
const openingHours = v.array(stretch)

export type OpeningHours = v.InferOutput<typeof openingHours>

/** @returns null for always. @throws ValiError for what is none. */
export const parseHours = (kept: string | null): OpeningHours | null =>
  kept === null ? null : v.parse(openingHours, JSON.parse(kept))

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/**
 * Reads hours as they are typed: `mon-fri 08:00-12:00 13:00-17:00, sat 09:00-12:00`. A stretch that ends at its beginning
 * or before goes on into the next day.
 *
 * @returns undefined for what is none.
 */
export function readHours(typed: string): OpeningHours | undefined {
  const hours: OpeningHours = []
  for (const part of typed.toLowerCase().split(/[,;]/)) {
    const [which, ...stretches] = part.trim().split(/\s+/)
    const among = daysOf(which ?? '')
    if (among.length === 0 || stretches.length === 0) return undefined
    for (const text of stretches) {
      const between = stretchOf(text)
      if (!between) return undefined
      for (const day of among) hours.push({ day, ...between })
    }
  }
  return hours
}

function daysOf(text: string): number[] {
  if (text === 'daily') return days.map((_, day) => day)
  const [first = '', last = first, more] = text.split('-')
  const [from, to] = [days.indexOf(first), days.indexOf(last)]
  if (from < 0 || to < 0 || more !== undefined) return []
  const length = ((to - from + 7) % 7) + 1
  return Array.from({ length }, (_, n) => (from + n) % 7)
}

function stretchOf(text: string): { readonly from: number; readonly to: number } | undefined {
  const [, fromHour, fromMinute, toHour, toMinute] =
    /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? []
  const from = Number(fromHour) * 60 + Number(fromMinute)
  const to = Number(toHour) * 60 + Number(toMinute)
  if (!Number.isFinite(from) || !Number.isFinite(to) || to > minutesOfDay) return undefined
  return { from, to: to > from ? to : to + minutesOfDay }
}

const clockText = (minute: number): string =>
  minute === minutesOfDay
    ? '24:00'
    : [Math.floor((minute % minutesOfDay) / 60), minute % 60]
        .map((part) => String(part).padStart(2, '0'))
        .join(':')

/** As `readHours` reads it, each day by itself. */
export const hoursText = (hours: OpeningHours): string =>
  [...Map.groupBy(hours, ({ day }) => day)]
    .sort(([a], [b]) => a - b)
    .map(([day, own]) =>
      [days[day], ...own.map(({ from, to }) => `${clockText(from)}-${clockText(to)}`)].join(' '),
    )
    .join(', ')

/** Whether this is a zone that IANA names. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** To make one costs a hundred times as much as to ask it. */
const clocks = new Map<string, Intl.DateTimeFormat>()

/** The minute of the week by a zone's clock, from Monday's first. @param at wall-clock ms. */
function minuteOfWeek(timeZone: string, at: number): number {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    })
  clocks.set(timeZone, clock)
  const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]))
  const day = days.indexOf((parts.weekday ?? '').toLowerCase())
  return day * minutesOfDay + Number(parts.hour) * 60 + Number(parts.minute)
}

/** Whether it is open at that moment, wall-clock ms. */
export function isOpenAt(hours: OpeningHours | null, timeZone: string, at: number): boolean {
  if (hours === null) return true
  const now = minuteOfWeek(timeZone, at)
  return hours.some(({ day, from, to }) => {
    const since = (now - (day * minutesOfDay + from) + minutesOfWeek) % minutesOfWeek
    return since < to - from
  })
}

const minute = 60_000

/** When it opens next, wall-clock ms; null where it never does, or is open. */
export function opensAt(hours: OpeningHours | null, timeZone: string, at: number): number | null {
  if (hours === null || isOpenAt(hours, timeZone, at)) return null
  const now = minuteOfWeek(timeZone, at)
  const whole = at - (at % minute)
  const begins = hours.map(({ day, from }) => {
    const begin = day * minutesOfDay + from
    const guess = whole + ((begin - now + minutesOfWeek) % minutesOfWeek) * minute
    // Where the clock is set forward or back meanwhile, it comes an hour sooner or later.
    const off = (minuteOfWeek(timeZone, guess) - begin + minutesOfWeek + minutesOfWeek / 2) % minutesOfWeek
    return guess - (off - minutesOfWeek / 2) * minute
  })
  const next = Math.min(...begins.filter((begin) => begin > at))
  return Number.isFinite(next) ? next : null
}

/** For how many ms at least it stays as it is, open or not; no more than `most`. */
export function staysFor(
  hours: OpeningHours | null,
  timeZone: string,
  { at, most }: { readonly at: number; readonly most: number },
): number {
  const isOpen = isOpenAt(hours, timeZone, at)
  for (let next = at - (at % minute) + minute; next < at + most; next += minute)
    if (isOpenAt(hours, timeZone, next) !== isOpen) return next - at
  return most
}
