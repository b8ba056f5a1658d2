import { ringAckWithin } from '../../protocol/timing.ts'

/** One connection of one device that was asked to ring. Times are monotonic ms. */
export interface Leg {
  readonly device: string
  /** Only an `acknowledged` leg rings. `unanswered` did not acknowledge in time; `lost` can ring no more. */
  readonly state: 'asked' | 'acknowledged' | 'unanswered' | 'lost'
  readonly askedAt: number
  readonly acknowledgedAt: number | null
  /** It was not asked itself: it came in place of one that was, and is asked once it has a lease. */
  readonly inherited: boolean
}

/** By connection, in the order in which they were asked last. */
export type Legs = ReadonlyMap<string, Leg>

const rings = ({ state }: Leg) => state === 'acknowledged'
const isAsked = ({ state }: Leg) => state === 'asked'

export const anyRings = (legs: Legs): boolean => [...legs.values()].some(rings)
export const anyAsked = (legs: Legs): boolean => [...legs.values()].some(isAsked)

/** On how many devices these ring. */
export const ringingDevices = (legs: Legs): number =>
  new Set([...legs.values()].filter(rings).map(({ device }) => device)).size

/** A ring is on its way; one that rings already stays as it is. */
export function askedOn(legs: Legs, connection: string, device: string, now: number): Legs {
  const leg = legs.get(connection)
  if (leg && (rings(leg) || (isAsked(leg) && !leg.inherited))) return legs
  const acknowledgedAt = leg?.acknowledgedAt ?? null
  return withLeg(legs, connection, { device, state: 'asked', askedAt: now, acknowledgedAt, inherited: false })
}

/** Only who was asked, and can still ring, can acknowledge. */
export function acknowledgedOn(legs: Legs, connection: string, now: number): Legs {
  const leg = legs.get(connection)
  if (!leg || !isAsked(leg) || leg.inherited) return legs
  return withLeg(legs, connection, { ...leg, state: 'acknowledged', acknowledgedAt: now })
}

export function lostOn(legs: Legs, connection: string): Legs {
  const leg = legs.get(connection)
  if (!leg || !(rings(leg) || isAsked(leg))) return legs
  return new Map(legs).set(connection, { ...leg, state: 'lost' })
}

export const allLost = (legs: Legs): Legs =>
  [...legs.keys()].reduce((fewer, connection) => lostOn(fewer, connection), legs)

/** What was waited for on one connection is waited for on the device's newer one, and no longer. */
export function replacedOn(legs: Legs, connection: string, by: string): Legs {
  const leg = legs.get(connection)
  const without = lostOn(legs, connection)
  if (!leg || !isAsked(leg) || legs.has(by)) return without
  return withLeg(without, by, { ...leg, inherited: true })
}

/** Ends the legs that had their time. @returns also the connections that were asked in vain. */
export function endLate(legs: Legs, now: number): [Legs, string[]] {
  const late = [...legs].filter(([, leg]) => isAsked(leg) && leg.askedAt + ringAckWithin <= now)
  const next = new Map(legs)
  for (const [connection, leg] of late)
    next.set(connection, { ...leg, state: leg.inherited ? 'lost' : 'unanswered' })
  return [next, late.filter(([, leg]) => !leg.inherited).map(([connection]) => connection)]
}

function withLeg(legs: Legs, connection: string, leg: Leg): Legs {
  const next = new Map(legs)
  next.delete(connection)
  return next.set(connection, leg)
}
