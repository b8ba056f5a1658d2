import { ringAckWithin } from '../../protocol/timing.ts'

/** One connection of one device that was asked to ring. Times are monotonic ms. */
export interface Leg {
  readonly device: string
  /** The node that holds the connection; null where a server runs alone, and while that is not known. */
  readonly node: string | null
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
export function askedOn(legs: Legs, { connection, device, node = null }: Asked, now: number): Legs {
  const leg = legs.get(connection)
  if (leg && (rings(leg) || (isAsked(leg) && !leg.inherited))) return legs
  const acknowledgedAt = leg?.acknowledgedAt ?? null
  const asked = { device, node, state: 'asked', askedAt: now, acknowledgedAt, inherited: false } as const
  return withLeg(legs, connection, asked)
}

/** Which connection of which device a ring is on its way to, and which node holds it. */
interface Asked {
  readonly connection: string
  readonly device: string
  readonly node?: string | null | undefined
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

/** Of the connections of one node. */
export const lostOnNode = (legs: Legs, node: string): Legs =>
  [...legs].reduce(
    (fewer, [connection, leg]) => (leg.node === node ? lostOn(fewer, connection) : fewer),
    legs,
  )

/** The nodes on whose connections it rings, or may soon. */
export const nodesOf = (legs: Legs): string[] => {
  const waitedFor = [...legs.values()].filter((leg) => rings(leg) || isAsked(leg))
  return [...new Set(waitedFor.flatMap(({ node }) => node ?? []))]
}

/** What was waited for on one connection is waited for on the device's newer one, and no longer. */
export function replacedOn(legs: Legs, connection: string, by: string): Legs {
  const leg = legs.get(connection)
  const without = lostOn(legs, connection)
  if (!leg || !isAsked(leg) || legs.has(by)) return without
  return withLeg(without, by, { ...leg, node: null, inherited: true })
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
