import type { Timing } from '../../protocol/timing.ts'
import type { PersonMessage } from '../bus/person-message.ts'
import type { CallsOfCallee } from '../calls/calls.ts'
import type { Clock } from '../clock.ts'
import type { ConnectedPeople } from './connected-people.ts'
import type { Identity } from './connection.ts'
import type { SessionCloseReason } from './lease-reducer.ts'
import { gapToTell, type ReachabilityRecord } from './reachability-record.ts'

export type Heartbeat = Extract<PersonMessage, { kind: 'heartbeat' }>

export interface HeartbeatDependencies {
  readonly clock: Clock
  readonly timing: Timing
  readonly people: ConnectedPeople
  readonly calls: Pick<CallsOfCallee, 'countMissed'>
  readonly record: ReachabilityRecord
  /** How the session of a connection is over; undefined when it holds for as long as a lease would. */
  readonly endOf: (identity: Identity) => Promise<SessionCloseReason | undefined>
  /** Whether a call could be written down now. */
  readonly isWritable: () => Promise<boolean>
}

/**
 * Answers a heartbeat where it ended its way through the bus, which is a ring's way too (T2.1): with a lease, if the
 * session holds and a call could be kept.
 */
export async function answerHeartbeat(
  dependencies: HeartbeatDependencies,
  userId: string,
  { connection: id, n, arrived }: Heartbeat,
): Promise<void> {
  const { timing, people, isWritable } = dependencies
  const connection = people.connection(userId, id)
  if (!connection?.identity) return
  const why = await dependencies.endOf(connection.identity)
  if (why) {
    people.dispatch(userId, { kind: 'session-ended', connection: id, why })
    return
  }
  // Asked before the gap, which is to tell of what this finds out, and after it, since only the last counts.
  const gap = (await isWritable()) ? await gapOf(dependencies, userId) : undefined
  if (!(await isWritable())) {
    people.dispatch(userId, { kind: 'heartbeat-refused', connection: id, n })
    return
  }
  const { leaseFor } = timing
  people.dispatch(userId, { kind: 'heartbeat', connection: id, n, arrived, leaseFor }, gap)
}

/** The time since which the person has been unreachable, which ends with this heartbeat (T8.1). */
async function gapOf({ clock, people, record, calls }: HeartbeatDependencies, userId: string) {
  if (people.live(userId).length > 0) return undefined
  const from = await record.unreachableSince(userId)
  if (from === undefined) return undefined
  const until = clock.wall()
  const missed = await calls.countMissed(userId, from, until)
  return gapToTell({ from, until, missed, recorded: await record.recorded(from, until) })
}
