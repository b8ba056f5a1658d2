import { html } from 'hono/html'
import type { Language } from '../locales/language.ts'
import type { Html } from '../pages/layout.ts'

/** A time as UTC; where scripts run they put it into the time of the place. */
export function moment(language: Language, at: number): Html {
  const date = new Date(at)
  const options = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const
  const text = new Intl.DateTimeFormat(language, options).format(date)
  return html`<time datetime="${date.toISOString()}">${text} UTC</time>`
}
