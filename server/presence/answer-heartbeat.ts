import type { Gap } from '../../protocol/connection.ts'
import type { Timing } from '../../protocol/timing.ts'
import type { Bus } from '../bus/bus.ts'
import type { RingMessage } from '../bus/person-message.ts'
import type { CallsOfCallee } from '../calls/calls.ts'
import type { Clock } from '../clock.ts'
import type { ConnectedPeople } from './connected-people.ts'
import type { Identity } from './connection.ts'
import type { SessionCloseReason } from './lease-reducer.ts'
import type { PresenceCounts } from './presence-counts.ts'
import { gapToTell, mayBeTold, type ReachabilityRecord } from './reachability-record.ts'

export type Heartbeat = Extract<RingMessage, { kind: 'heartbeat' }>

export interface HeartbeatDependencies {
  readonly clock: Clock
  readonly timing: Timing
  readonly people: ConnectedPeople
  readonly calls: Pick<CallsOfCallee, 'countMissed'>
  readonly record: ReachabilityRecord
  /** How the session of a connection is over; undefined when it holds for as long as a lease would, mostly at once. */
  readonly endOf: (identity: Identity) => undefined | Promise<SessionCloseReason | undefined>
  /** Whether a call could be written down now. */
  readonly isWritable: () => boolean | Promise<boolean>
  readonly bus: Pick<Bus, 'isConnected'>
  readonly counts: PresenceCounts
}

/**
 * Answers a heartbeat where it ended its way through the bus, which is a ring's way too (T2.1): with a lease, if the
 * session holds and a call could be kept.
 */
export function answerHeartbeat(
  dependencies: HeartbeatDependencies,
  userId: string,
  heartbeat: Heartbeat,
): void | Promise<void> {
  const { people, isWritable, bus } = dependencies
  const identity = people.connection(userId, heartbeat.connection)?.identity
  if (!identity) return
  const ending = dependencies.endOf(identity)
  // Mostly all is known, and nothing is waited for: a lease is renewed.
  const writable = isWritable()
  if (!ending && writable === true && people.isLive(userId) && bus.isConnected)
    return grant(dependencies, userId, heartbeat)
  return answerInTime(dependencies, userId, heartbeat, { ending, writable })
}

function grant(
  { people, timing: { leaseFor }, counts }: HeartbeatDependencies,
  userId: string,
  { connection, n, arrived }: Heartbeat,
  gap?: Gap,
): void {
  const effects = people.dispatch(userId, { kind: 'heartbeat', connection, n, arrived, leaseFor }, gap)
  if (effects.some(({ kind }) => kind === 'grant')) counts.answered += 1
}

/** The same where something has to be looked up first. */
async function answerInTime(
  dependencies: HeartbeatDependencies,
  userId: string,
  heartbeat: Heartbeat,
  asked: {
    readonly ending: undefined | Promise<SessionCloseReason | undefined>
    readonly writable: boolean | Promise<boolean>
  },
): Promise<void> {
  const { people, isWritable, counts } = dependencies
  const { connection: id, n } = heartbeat
  const why = await asked.ending
  if (why) {
    counts.refused.session += 1
    people.dispatch(userId, { kind: 'session-ended', connection: id, why })
    return
  }
  // One that was false is no longer so where a write has been tried, and one that was true may be no longer.
  await asked.writable
  let mayGrant = await isWritable()
  let gap: Gap | undefined
  if (mayGrant && !people.isLive(userId)) {
    // Asked before the gap, which is to tell of what this finds out, and after it, since only the last counts.
    gap = await gapOf(dependencies, userId)
    mayGrant = await isWritable()
  }
  // Lost meanwhile: no ring would come the way that this came.
  if (!dependencies.bus.isConnected) {
    counts.refused.routing += 1
    people.dispatch(userId, { kind: 'heartbeat-refused', connection: id, n, cause: 'routing' })
    return
  }
  if (!mayGrant) {
    counts.refused.storage += 1
    people.dispatch(userId, { kind: 'heartbeat-refused', connection: id, n })
    return
  }
  grant(dependencies, userId, heartbeat, gap)
}

/** The time since which the person has been unreachable, which ends with this heartbeat (T8.1). */
async function gapOf({ clock, record, calls }: HeartbeatDependencies, userId: string) {
  const unreachable = await record.unreachableSince(userId)
  const until = clock.wall()
  if (!unreachable || !mayBeTold(unreachable, until)) return undefined
  const { from } = unreachable
  const missed = await calls.countMissed(userId, from, until)
  const told = gapToTell({ from, until, missed, recorded: false })
  return told && { ...told, recorded: await record.recorded(from, until) }
}
