/**
 * The numbers on which "reachable" rests, all in milliseconds, and the relations between them that
 * make rule T1 hold. The server sends `heartbeatEvery`, `answerWithin` and `leaseFor` in its welcome; the
 * rest is each side's own.
 */
export interface Timing {
  /** The device asks "can a call reach me?" this often. */
  readonly heartbeatEvery: number
  /** An answer to a heartbeat that takes longer counts as none. */
  readonly answerWithin: number
  /** The server promises to route calls for so long, from the moment the heartbeat arrived. */
  readonly leaseFor: number
}

export const defaultTiming: Timing = {
  heartbeatEvery: 10_000,
  answerWithin: 3_750,
  leaseFor: 25_000,
}

/** The device stops believing this much before the lease ends: room for two clocks that drift apart. */
export const driftMargin = 1_000

/** The device looks at its clocks at least this often while it says that calls get through, or has a call, so that a wake from sleep shows. */
export const clockLookEvery = 500

/** And this often while it only wants a connection: there is nothing then that a sleep could make untrue. */
export const idleLookEvery = 5_000

/** The server closes a connection whose `hello` has not come by then. */
export const helloWithin = 5_000

/** The device gives up on a connection that has not been welcomed by then. */
export const welcomeWithin = 8_000

/** A device that has not acknowledged a ring by then does not count as rung (T4). */
export const ringAckWithin = 3_000

/** A call that nobody answered ends as missed. */
export const ringFor = 45_000

/** The floor of browser alarms, hence the longest a killed worker stays dead. */
export const alarmEvery = 30_000

/** Chromium stops a worker after this long without a socket message; heartbeats must come oftener. */
const workerIdleLimit = 30_000

/** The longest an unanswered heartbeat can leave the badge green: it waits its turn, then for its answer. */
export function silenceBound(timing: Timing): number {
  return timing.heartbeatEvery + timing.answerWithin
}

/**
 * How long the device believes a lease, in ms from the sending of its heartbeat: no longer than an unanswered heartbeat
 * may leave the badge green, even when that heartbeat was sent late; and less than the lease, for clocks that drift
 * apart.
 */
export const believedFor = (timing: Timing): number =>
  Math.min(timing.leaseFor - driftMargin, silenceBound(timing) + clockLookEvery)

/** Whether a set of timings keeps what rule T1 rests on. */
export const isSound = (timing: Timing): boolean => {
  const { heartbeatEvery, answerWithin, leaseFor } = timing
  return (
    [heartbeatEvery, answerWithin, leaseFor].every((ms) => Number.isFinite(ms) && ms > 0) &&
    // A heartbeat is answered or given up before the next one is due.
    answerWithin < heartbeatEvery &&
    // A lease outlasts one heartbeat and its answer, or green would flicker.
    leaseFor - driftMargin > silenceBound(timing) &&
    // A longer one would hide a dead connection.
    leaseFor < 3 * heartbeatEvery &&
    heartbeatEvery < workerIdleLimit
  )
}
