import { readFileSync } from 'node:fs'
import { tokenValues } from '../../design/token-values.ts'
import type { PlaceLight } from '../../protocol/place.ts'
import type { Locale } from '../locales/locale.ts'
import { clockTime, loadedWithin } from './place-page.ts'

/** No style sheet of ours reaches an image in a page of somebody else. */
const { light: tokens } = tokenValues(
  readFileSync(new URL('../../design/tokens.css', import.meta.url), 'utf8'),
)

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/**
 * The light as an image, which nothing can tell anew: so it says of which moment it is, and a few seconds later turns grey
 * by itself, where the browser lets images do so. Both ends of that animation are hidden: after some delays a browser's
 * progress is a rounding short of its end, and what only the end hides stays. What stands in it is true however long it is
 * looked at.
 */
export function lightImage({ texts: { places } }: Locale, { state, validFor, at, name }: PlaceLight): string {
  const { image } = places
  const label = image[state]
  const moment = image.at(clockTime(at))
  const left = (Math.max(0, validFor - loadedWithin) / 1_000).toFixed(1)
  const { ink, quiet, card, hair, 'light-reachable': reachable } = tokens
  const green = state === 'reachable'
  return `<svg xmlns="http://www.w3.org/2000/svg" width="240" height="40" viewBox="0 0 240 40" role="img" aria-label="${escaped(`${name}: ${label} ${moment}`)}">
<style>
.over { animation: hide 1ms linear ${left}s forwards }
@keyframes hide { from, to { visibility: hidden } }
text { font: 600 14px system-ui, sans-serif }
.at { font-weight: 400; font-size: 11px }
</style>
<rect x=".5" y=".5" width="239" height="39" rx="9" fill="${card}" stroke="${hair}"/>
<circle cx="20" cy="20" r="7" fill="none" stroke="${quiet}" stroke-width="2"/>
${green ? `<circle class="over" cx="20" cy="20" r="8" fill="${reachable}"/>` : ''}
<text x="38" y="18" fill="${ink}">${escaped(label)}</text>
<text class="at" x="38" y="32" fill="${quiet}">${escaped(moment)}</text>
</svg>
`
}
