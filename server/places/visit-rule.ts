import type { PlaceLight } from '../../protocol/place.ts'
import type { CallRow } from '../database/call-tables.ts'
import type { VisitRow } from '../database/place-tables.ts'

/** Nobody waits in line for longer, in ms. */
export const longestWait = 600_000

/** The wall clocks of two nodes are never further apart, in ms: what is dated later was before the clock was set back. */
export const clocksApart = 1_000

/** Members have been asked so long after a visit began to ring, in ms, at whichever node: whoever was to do it is gone. */
const placedWithin = 6_000

/** Who waits keeps their place for so long, in ms, while nobody is there: a colleague whose network blinks is back before. */
const nobodyFor = 30_000

export interface VisitFacts {
  readonly visit: Pick<VisitRow, 'state' | 'at' | 'calledAt' | 'leaseUntil' | 'nobodySince'>
  readonly light: Pick<PlaceLight, 'state' | 'why'>
  readonly calls: readonly Pick<CallRow, 'userId' | 'state' | 'why'>[]
  /** Calls of it are being written down here. */
  readonly isPlacing: boolean
  /** Members who could be rung, for whom no call of this visit was written down or is being so here. */
  readonly unasked: readonly string[]
}

export type VisitStep =
  | { readonly kind: 'wait' }
  /** Nobody is there from now on, or somebody is again. */
  | { readonly kind: 'note'; readonly nobodySince: number | null }
  /** Rings, if it is its turn. */
  | { readonly kind: 'take-turn' }
  /** Rings these members too. */
  | { readonly kind: 'ring'; readonly members: readonly string[] }
  | { readonly kind: 'end'; readonly state: 'declined' | 'unanswered' | 'unreachable' | 'left' }

const isActive = ({ state }: Pick<CallRow, 'state'>): boolean =>
  state === 'placed' || state === 'ringing' || state === 'waiting'

/** What is to be done about a visit that is not over. @param now wall-clock ms. */
export function stepOf(facts: VisitFacts, now: number): VisitStep {
  const { visit, light, calls, isPlacing, unasked } = facts
  const { state, at, calledAt, leaseUntil, nobodySince } = visit
  if (leaseUntil <= now) return { kind: 'end', state: 'left' }
  if (state === 'queued') {
    if (now - at >= longestWait) return { kind: 'end', state: 'unanswered' }
    if (light.state !== 'closed')
      return nobodySince === null ? { kind: 'take-turn' } : { kind: 'note', nobodySince: null }
    if (light.why !== 'nobody') return { kind: 'end', state: 'unreachable' }
    if (nobodySince === null || nobodySince > now + clocksApart) return { kind: 'note', nobodySince: now }
    return now - nobodySince < nobodyFor ? { kind: 'wait' } : { kind: 'end', state: 'unreachable' }
  }
  const isYoung = calledAt !== null && Math.abs(now - calledAt) < placedWithin
  const isUnderWay = calls.some(isActive) || isPlacing
  // Who declined, or did not answer, is not asked again; who comes while it rings, or is to, is asked too.
  if ((isUnderWay || calls.length === 0) && unasked.length > 0) return { kind: 'ring', members: unasked }
  if (isUnderWay || (calls.length === 0 && isYoung)) return { kind: 'wait' }
  return { kind: 'end', state: outcomeOf(calls) }
}

/** How a visit ended whose calls are all over, and none was answered. */
function outcomeOf(calls: VisitFacts['calls']): 'declined' | 'unanswered' | 'unreachable' {
  if (calls.some(({ why }) => why === 'no-answer')) return 'unanswered'
  return calls.some(({ state }) => state === 'declined') ? 'declined' : 'unreachable'
}
