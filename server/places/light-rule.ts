import { type PlaceLight, placeTiming } from '../../protocol/place.ts'
import type { PersonPresence } from '../../protocol/programs.ts'

/** So many visits ring at once, of one place: no member hears more rings of it, and two of their five are for others. */
export const mostCalling = 3

/**
 * So many rings of a place that nobody answered, or has answered yet, and for so long, in ms, it lets nothing more ring:
 * a crowd that calls and leaves is heard so often, and no more.
 */
export const mostUnanswered: readonly { readonly rings: number; readonly within: number }[] = [
  { rings: 5, within: 60_000 },
  { rings: 20, within: 900_000 },
]

/** All that the light of a place comes from. */
export interface PlaceFacts {
  /** The operator takes no visitors in, or its only member has not agreed, or it has none. */
  readonly isShut: boolean
  /** Whether browsers give camera and microphone where an answered call leads. */
  readonly canTalk: boolean
  readonly isOpen: boolean
  /** For how many ms at least its hours leave that as it is. */
  readonly staysFor: number
  readonly opensAt: number | null
  /** What a contact of each of its members is shown. */
  readonly members: readonly PersonPresence[]
  readonly waiting: number
  readonly calling: number
  /** Whether as many rings of late were not answered as it may have. */
  readonly isWorn: boolean
}

export type LightOfFacts = Pick<PlaceLight, 'state' | 'validFor' | 'waiting' | 'why' | 'opensAt'>

/**
 * How many visits more may ring now. Hours and whatever else only ever take from that, and only who is available counts:
 * nobody is at the devices of who is away.
 */
export function freeFor({ isShut, canTalk, isOpen, members, calling, isWorn }: PlaceFacts): number {
  if (isShut || !canTalk || !isOpen || isWorn) return 0
  const available = members.filter(({ state }) => state === 'available').length
  return Math.max(0, Math.min(available, mostCalling) - calling)
}

/** What is said of a place: green alone where a call that is placed now would ring at once. */
export function lightOf(facts: PlaceFacts): LightOfFacts {
  const { isShut, canTalk, isOpen, staysFor, opensAt, members, waiting, calling } = facts
  const longest = Math.min(placeTiming.longestLight, staysFor)
  const said = { waiting, why: null, opensAt: null, validFor: longest }
  if (isShut) return { ...said, state: 'closed', why: 'shut', waiting: 0 }
  if (!canTalk) return { ...said, state: 'closed', why: 'no-room' }
  if (!isOpen) return { ...said, state: 'closed', why: 'hours', opensAt }
  const leases = members
    .flatMap(({ state, validFor }) => (state === 'available' ? [validFor ?? 0] : []))
    .toSorted((one, other) => other - one)
  const [last] = leases
  if (last !== undefined) {
    // One more would ring as long as there is one more than those for whom it rings, or is to.
    const proven = freeFor(facts) > waiting ? leases[calling + waiting] : undefined
    const validFor = Math.floor(Math.min(longest, proven ?? last))
    return { ...said, state: proven === undefined ? 'busy' : 'reachable', validFor }
  }
  if (members.some(({ state }) => state === 'busy' || state === 'in-call')) return { ...said, state: 'busy' }
  if (members.some(({ state }) => state === 'unknown')) return { ...said, state: 'unknown' }
  return { ...said, state: 'closed', why: 'nobody' }
}
