import { ringAckWithin } from '../../protocol/timing.ts'
import type { Bus } from '../bus/bus.ts'
import { callSubject, devicesOf, type PersonMessage, personSubject } from '../bus/person-message.ts'
import type { Clock } from '../clock.ts'
import type { Pulse } from '../database/pulse.ts'
import type { CallRow, Database } from '../database/tables.ts'
import type { Log } from '../log.ts'
import { type CallEvent, isOver } from './call-life.ts'
import { changeCall, endAllRinging, type NewCall, ringingCallsOf, writeCall } from './call-rows.ts'
import { markSeen, missedCalls } from './missed-calls.ts'
import { type RingingNow, ringingNow } from './ringing-now.ts'

export interface RingingParts {
  readonly db: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly pulse: Pulse
  readonly log: Log
  /** Milliseconds. */
  readonly ringFor: number
  readonly roomAddress: (room: string) => string
}

/** Answers later than the devices' own time to acknowledge are not waited for. */
const ringRequestWithin = ringAckWithin + 1_000

/** Calls: placed, rung, answered, declined, cancelled, missed. Devices are reached by the bus alone. */
export interface Ringing {
  /** Places a call and rings. @returns when the caller can be told what came of it. @throws when it cannot be kept. */
  place(call: NewCall): Promise<CallRow>
  cancel(id: string): Promise<boolean>
  answer(userId: string, device: string, line: string, id: string): Promise<void>
  decline(userId: string, device: string, line: string, id: string): Promise<void>
  seen(userId: string, calls: readonly string[]): Promise<void>
  /** Rings on one line what rings for its person already. */
  ringAgain(userId: string, line: string): Promise<void>
  /** Ends what has rung long enough. */
  sweep(): void
  /** Ends everything that rings: the server stops, or has just come back. */
  endAll(): Promise<number>
}

export function ringing(parts: RingingParts): Ringing {
  const { db, bus, clock, pulse, log, ringFor } = parts
  const now: RingingNow = ringingNow(clock, ringFor)

  const tell = (userId: string, message: PersonMessage) => bus.publish(personSubject(userId), message)

  const tellOver = (row: CallRow, only?: string) => {
    if (row.state === 'placed' || row.state === 'ringing') return
    const room = row.state === 'answered' ? parts.roomAddress(row.room) : null
    const { id: call, state: outcome, byDevice: device } = row
    tell(row.userId, { kind: 'over', call, outcome, device, room, ...(only && { only }) })
  }

  const tellMissed = async (userId: string) =>
    tell(userId, { kind: 'missed', missed: await missedCalls(db, userId) })

  /** The call can lead to nothing any more, though that could not be written down yet. */
  const silence = (userId: string, call: string) =>
    tell(userId, { kind: 'over', call, outcome: 'missed', device: null, room: null })

  /** Everybody concerned hears of a change that has been written. */
  const spread = async (row: CallRow) => {
    bus.publish(callSubject(row.id), {})
    if (!isOver(row)) return
    now.end(row.id)
    if (row.why !== 'busy') tellOver(row)
    if (row.state === 'missed' || row.state === 'cancelled') await tellMissed(row.userId)
  }

  const happen = async (id: string, event: CallEvent) => {
    const change = await pulse.guard(() => changeCall(db, id, event, clock.wall()))
    if (change?.changed) await spread(change.row)
    return change
  }

  const ring = async (row: CallRow, only?: string): Promise<CallRow> => {
    const { id, from, at, userId } = row
    const call = { id, from, at, ringsFor: now.left(id) ?? ringFor }
    const message: PersonMessage = { kind: 'ring', call, ...(only && { only }) }
    const returned = now.asking(id)
    let others = 0
    const replies = await bus
      .request(personSubject(userId), message, { within: ringRequestWithin })
      .finally(() => {
        others = returned()
      })
    const devices = now.acknowledged(id, devicesOf(replies))
    if (devices > 0) return (await happen(id, { kind: 'rung', devices }))?.row ?? row
    // Of all rings of a call, the last to come back with nobody says so.
    const rungFromHere = now.left(id) !== undefined
    if (rungFromHere ? others > 0 : only !== undefined) return row
    return (await happen(id, { kind: 'nobody-there' }))?.row ?? row
  }

  /** The caller is told in time, even when a device that has just come is still being asked. */
  const ringFirst = async (placed: CallRow): Promise<CallRow> => {
    const began = clock.monotonic()
    const row = await ring(placed)
    if (row.state !== 'placed') return row
    await nextChange(bus, row.id, began + ringRequestWithin - clock.monotonic())
    return (await callOf(db, row.userId, row.id)) ?? row
  }

  const end = async (
    kind: 'answered' | 'declined',
    userId: string,
    device: string,
    line: string,
    id: string,
  ) => {
    const row = (await ringingCallsOf(db, userId)).find((call) => call.id === id)
    const change = row && (await happen(id, { kind, device }))
    if (change?.changed) return
    const late = await callOf(db, userId, id)
    if (late) tellOver(late, line)
    else tell(userId, { kind: 'over', call: id, outcome: 'cancelled', device: null, room: null, only: line })
  }

  return {
    async place(call) {
      const row = await pulse.guard(() => writeCall(db, call, clock.wall()))
      if (isOver(row)) {
        await spread(row)
        return row
      }
      now.begin(row.id, row.userId)
      return ringFirst(row).catch((fault) => {
        silence(row.userId, row.id)
        throw fault
      })
    },
    async cancel(id) {
      const change = await happen(id, { kind: 'cancelled' })
      return change?.changed === true
    },
    answer: (userId, device, line, id) => end('answered', userId, device, line, id),
    decline: (userId, device, line, id) => end('declined', userId, device, line, id),
    async seen(userId, calls) {
      if (await markSeen(db, userId, calls, clock.wall())) await tellMissed(userId)
    },
    async ringAgain(userId, line) {
      for (const row of await ringingCallsOf(db, userId)) await ring(row, line)
    },
    sweep() {
      for (const { call, userId } of now.due())
        happen(call, { kind: 'rang-out' }).then(
          (change) => change ?? now.end(call),
          (err) => {
            silence(userId, call)
            log.error({ err, call }, 'a call that rang out could not be written down yet')
          },
        )
    },
    async endAll() {
      const ended = await endAllRinging(db, clock.wall())
      for (const row of ended) await spread(row)
      return ended.length
    },
  }
}

/** Waits for the next change of a call that is written, for `within` ms at most. */
const nextChange = (bus: Bus, call: string, within: number): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      leave()
      resolve()
      return undefined
    }
    const leave = bus.subscribe(callSubject(call), done)
    const timer = setTimeout(done, Math.max(0, within))
  })

const callOf = (db: Database, userId: string, id: string): Promise<CallRow | undefined> =>
  db.selectFrom('call').selectAll().where('id', '=', id).where('userId', '=', userId).executeTakeFirst()
