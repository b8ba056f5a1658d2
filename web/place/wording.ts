import { lightText, type VisitView } from '../../protocol/place.ts'
import { fill } from '../page/fill.ts'
import type { ShownLight } from './light-reducer.ts'
import type { VisitOutcome } from './visit-reducer.ts'

/** The texts that the server sends with the page, in its language. */
export type Texts = Readonly<Record<string, string>>

const untold = { checking: 'checking', 'no-connection': 'noConnection', gone: 'removed' }

/** What is so of the place, in a sentence. */
export function lightSentence(texts: Texts, shown: ShownLight, place: string): string {
  if (shown.kind === 'known') return fill(texts[lightText(shown.light)], { place })
  return fill(texts[untold[shown.kind]], { place })
}

export function waitingSentence(texts: Texts, shown: ShownLight): string {
  const n = shown.kind === 'known' ? shown.light.waiting : 0
  return n === 0 ? '' : fill(texts[n === 1 ? 'waitingOne' : 'waitingMany'], { n })
}

const places = ['first', 'second', 'third']
const rung = ['ringingOne', 'ringingTwo']

/** How a visit stands that is not over. */
export function standingSentence(texts: Texts, view: VisitView, place: string): string {
  const { state, position, ringing } = view
  if (state === 'queued') {
    // Of a place that is not known nothing is said: it is asked for.
    if (position === null) return fill(texts.calling, { place })
    return fill(texts[places[position - 1] ?? 'nth'], { n: position })
  }
  if (ringing > 0) return fill(texts[rung[ringing - 1] ?? 'ringingMany'], { n: ringing })
  return fill(texts.trying, { place })
}

const outcomes: Readonly<Record<VisitOutcome, string>> = {
  declined: 'declined',
  unanswered: 'unanswered',
  unreachable: 'unreachable',
  cancelled: 'cancelled',
  left: 'left',
  gone: 'gone',
  full: 'full',
  blocked: 'blocked',
  'no-room': 'noRoom',
  'not-now': 'unreachable',
  'not-known': 'notKnown',
  'too-many': 'tooMany',
  'hung-up': 'hungUp',
  failed: 'failed',
}

export const outcomeSentence = (texts: Texts, outcome: VisitOutcome, place: string, n: number): string =>
  fill(texts[outcomes[outcome]], { place, n })
