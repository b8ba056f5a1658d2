import { ringAckWithin } from '../../protocol/timing.ts'
import { type ActiveCall, type ActiveCallEvent, isOver } from './active-call-reducer.ts'
import type { Leg } from './legs.ts'

/**
 * What became of rings that were sent to devices which held a lease: each lease is a promise that a ring would come
 * through. `kept`: acknowledged in time. `unanswered`: not within 3 s. `lost`: its connection, or the node that holds it,
 * was gone before the device had acknowledged. `undecided`: the call was over first, or nothing could be known of it (our
 * own bus was lost, another node drives the call).
 */
export interface PromiseCounts {
  readonly kept: number
  readonly unanswered: number
  readonly lost: number
  readonly undecided: number
}

/** Connections whose promise was kept, and those where it was broken. */
export interface PromisesDecided {
  readonly kept: readonly string[] | undefined
  readonly broken: readonly string[] | undefined
}

/** A ring that is waited for. One that a newer connection of the device inherited is the promise of the older one. */
const isPending = (leg: Leg | undefined) => leg?.state === 'asked'

/** One that was inherited is asked at last; every other is asked again only once it is decided. */
const isSamePromise = (before: Leg, now: Leg) =>
  before.inherited && !now.inherited
    ? now.askedAt - before.askedAt < ringAckWithin
    : before.askedAt === now.askedAt

/** Counts since the server started. */
export function createPromiseCounts() {
  const counts = { kept: 0, unanswered: 0, lost: 0, undecided: 0 }

  /** @returns what was decided by this; undefined where nothing was, which is nearly always. */
  const count = (
    before: ActiveCall,
    after: ActiveCall,
    event: ActiveCallEvent,
  ): PromisesDecided | undefined => {
    let kept: string[] | undefined
    let broken: string[] | undefined
    for (const [connection, leg] of before.legs) {
      if (!isPending(leg)) continue
      const now = after.legs.get(connection)
      // Had its time, and was asked again in the same step.
      const late = now?.state === 'asked' && !isSamePromise(leg, now)
      const then = late ? (leg.inherited ? 'lost' : 'unanswered') : now?.state
      if (then === 'acknowledged') {
        counts.kept += 1
        kept = [...(kept ?? []), connection]
      } else if (isOver(after) || after.retryAt !== null) counts.undecided += 1
      else if (then === 'unanswered') {
        counts.unanswered += 1
        broken = [...(broken ?? []), connection]
      } else if (then === 'lost') {
        if (event.kind === 'bus-lost') counts.undecided += 1
        // What is waited for on the newer connection is counted there.
        else if (late || event.kind !== 'replaced' || event.connection !== connection) {
          counts.lost += 1
          broken = [...(broken ?? []), connection]
        } else if (isPending(before.legs.get(event.by)) || !isPending(after.legs.get(event.by)))
          counts.undecided += 1
      }
    }
    return kept || broken ? { kept, broken } : undefined
  }

  return {
    count,
    /** Nothing will be known here of what this call waits for. */
    abandon({ legs }: ActiveCall) {
      for (const leg of legs.values()) if (isPending(leg)) counts.undecided += 1
    },
    all: (): PromiseCounts => ({ ...counts }),
  }
}
