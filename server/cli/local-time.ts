/** Times as they are read on this machine, for whoever sits at it; in the zone of TZ where that is set. */

// Of all languages, Swedish writes a time as ISO 8601 does: this is the one way to have that in the machine's own zone.
const parts = new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeStyle: 'medium' })

/** `2026-11-26 15:04:05`. @param at wall-clock ms. */
export const secondText = (at: number): string => parts.format(at)

/** `2026-11-26 15:04` */
export const minuteText = (at: number): string => secondText(at).slice(0, 16)

/** `2026-11-26` */
export const dayText = (at: number): string => secondText(at).slice(0, 10)

/** What the times are by: `Europe/Berlin`, `UTC`. */
export const zone = (): string => parts.resolvedOptions().timeZone

/** How far the zone is from UTC at that moment: `+01:00`. */
export function offsetText(at: number): string {
  const minutes = -new Date(at).getTimezoneOffset()
  const two = (count: number) => String(Math.floor(count)).padStart(2, '0')
  const ahead = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(ahead / 60)}:${two(ahead % 60)}`
}
