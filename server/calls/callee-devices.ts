import type { Bus } from '../bus/bus.ts'
import { type LegReport, legsSubject, parseLegReport } from '../bus/leg-report.ts'
import { createPersonChanges } from '../bus/person-changes.ts'
import { type PersonMessage, personSubject, type RingMessage, ringSubject } from '../bus/person-message.ts'
import type { Clock } from '../clock.ts'
import type { CallRow } from '../database/call-tables.ts'
import type { RoomAddress } from './call-config.ts'
import { isOfBlocked } from './call-rows.ts'

/** A ring reaches who holds a person's connections within this time, or not at all, in ms. */
const ringWithin = 1_000

/**
 * Devices of somebody invisible are told of a call so many ms after its caller was told what is told of somebody offline,
 * of its beginning and of its being given up: what they cost must not be felt in the answer.
 */
export const unseenAfter = 200

/** Whose devices nobody has: ids that we make are none such. */
const nobody = 'nobody'

type MissedAnswer = NonNullable<Extract<PersonMessage, { kind: 'missed' }>['answer']>

export interface CalleeDeviceDependencies {
  readonly bus: Bus
  readonly clock: Clock
  readonly roomAddress: RoomAddress
  /** Whether every node there is has dealt with what was sent before this was called. */
  readonly haveAllHeard: () => Promise<boolean>
  /** Whether all nodes say whether somebody is there. */
  readonly doAllTell?: (() => boolean) | undefined
}

/** The devices of whoever is called, as calls know them: reached and heard by the bus alone. */
export interface CalleeDevices {
  /**
   * Rings the connections that hold a lease, or only this one of them.
   *
   * @returns when each that was reached has been reported as `asked`: whether somebody was, or it is known that there is
   *   nobody; false where only the time went by.
   */
  ring(call: CallRow, ringsFor: number, connection: string | null): Promise<boolean>
  /** The same, and in the same time, where there is nobody. */
  ringNobody(call: CallRow, ringsFor: number): Promise<boolean>
  /** The same, and in the same time where no connection holds a lease, but none rings: it is `found`, also later than this returns. */
  find(userId: string, found: () => void): Promise<boolean>
  /** Hears what becomes of a person's rings, in order. @returns what ends it. */
  onLegReport(userId: string, take: (report: LegReport) => void): () => void
  /** How a call ended: by its record alone, so that every device hears the same (P5); told to one connection. */
  over(call: CallRow, connection: string): void
  /** The same, to all devices of whom it may be known to, and what is missed with it. Whoever called is told first. */
  tellOver(call: CallRow): void
  /** There is no such call for this person, or it can lead to nothing any more. */
  stopRinging(userId: string, call: string, outcome: 'cancelled' | 'missed', connection?: string): void
  /** The connection was asked to ring, in vain. */
  unanswered(userId: string, connection: string): void
  /** What the person has missed is another list now. All devices hear that, but for the connection that knows it already. */
  missedChanged(userId: string, knownBy?: string): void
  /** A call that the person placed stands otherwise. All their devices hear that. */
  placedChanged(caller: string): void
  /** @returns whether a device of theirs holds a lease; undefined where that cannot be known. */
  isReachable(userId: string): Promise<boolean | undefined>
  /** Answers a mark of a connection with what the person has missed as it is now. */
  answerMark(userId: string, answer: MissedAnswer): void
  /** Tells what has waited for its time. */
  tick(): void
  /** Tells all that waits: nobody is there later to do so. */
  tellAll(): void
}

export function createCalleeDevices(dependencies: CalleeDeviceDependencies): CalleeDevices {
  const { bus, clock, roomAddress, haveAllHeard, doAllTell = () => true } = dependencies
  const tell = (userId: string, message: PersonMessage) => bus.publish(personSubject(userId), message)
  const changed = createPersonChanges(bus, clock)

  const ringOn = (
    subject: string,
    { id, from, at, callerId }: CallRow,
    ringsFor: number,
    connection: string | null,
  ): Promise<boolean> => {
    const contact = callerId ?? undefined
    const call = { id, from, at, ringsFor: Math.round(ringsFor), ...(contact !== undefined && { contact }) }
    return askOn(subject, { kind: 'ring', call, ...(connection && { connection }) })
  }

  /** @param found hears of each reply that there is somebody. */
  const askOn = (subject: string, asked: RingMessage, found = () => {}): Promise<boolean> => {
    // Not by a clock that a test sets: the bus waits by the machine's own.
    const began = performance.now()
    const known = Promise.withResolvers<boolean>()
    const hear = async () => {
      let heard = 0
      for await (const isAnybodyThere of bus.request(subject, asked, { within: ringWithin })) {
        heard += 1
        if (isAnybodyThere === true) found()
        // Over NATS nobody knows how many will reply. Where one has nobody, all may have nobody.
        if (heard === 1 && isAnybodyThere === false)
          void haveAllHeard().then((have) => have && known.resolve(true))
      }
      return heard > 0 || performance.now() - began < ringWithin - 10
    }
    hear().then(known.resolve, known.reject)
    return known.promise
  }

  const over = (row: CallRow, connection?: string) => {
    const { id: call, userId, state: outcome, byDevice: device } = row
    if (outcome === 'placed' || outcome === 'ringing' || outcome === 'waiting') return
    const at = outcome === 'answered' ? roomAddress(row, 'callee') : null
    tell(userId, { kind: 'over', call, outcome, device, room: at, ...(connection && { connection }) })
  }

  const missedChanged = (userId: string, knownBy?: string) =>
    changed(userId, { kind: 'missed', ...(knownBy !== undefined && { except: knownBy }) })

  /** In the order of their times. */
  const toTellLater: { readonly at: number; readonly tellNow: () => void }[] = []

  return {
    ring: (call, ringsFor, connection) => ringOn(ringSubject(call.userId), call, ringsFor, connection),
    ringNobody: (call, ringsFor) => ringOn(ringSubject(nobody), call, ringsFor, null),
    find: (userId, found) => askOn(ringSubject(userId), { kind: 'reachable' }, found),
    onLegReport: (userId, take) =>
      bus.subscribe(legsSubject(userId), (payload) => {
        take(parseLegReport(payload))
        return undefined
      }),
    over,
    tellOver(row) {
      if (isOfBlocked(row)) return
      const tellNow = () => {
        over(row)
        if (row.state === 'missed' || row.state === 'cancelled') missedChanged(row.userId)
      }
      if (row.state !== 'cancelled' || row.hidden !== 'invisible') return tellNow()
      // Where the server is killed meanwhile each device asks anew, and ends the ring at its own deadline.
      toTellLater.push({ at: clock.monotonic() + unseenAfter, tellNow })
    },
    stopRinging(userId, call, outcome, connection) {
      tell(userId, {
        kind: 'over',
        call,
        outcome,
        device: null,
        room: null,
        ...(connection && { connection }),
      })
    },
    unanswered: (userId, connection) => tell(userId, { kind: 'unanswered', connection }),
    missedChanged,
    placedChanged: (caller) => changed(caller, { kind: 'placed' }),
    async isReachable(userId) {
      if (!bus.isConnected) return undefined
      try {
        const asked = bus.request(ringSubject(userId), { kind: 'reachable' }, { within: ringWithin })
        for await (const isReachable of asked) if (isReachable === true) return true
        return bus.isConnected && doAllTell() ? false : undefined
      } catch {
        return undefined
      }
    },
    answerMark: (userId, answer) => tell(userId, { kind: 'missed', answer }),
    tick() {
      const now = clock.monotonic()
      while (toTellLater[0] && toTellLater[0].at <= now) toTellLater.shift()?.tellNow()
    },
    tellAll() {
      for (const { tellNow } of toTellLater.splice(0)) tellNow()
    },
  }
}
