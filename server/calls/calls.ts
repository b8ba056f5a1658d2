import type { Account } from '../../protocol/connection.ts'
import type { Bus } from '../bus/bus.ts'
import { callSubject } from '../bus/person-message.ts'
import type { Clock } from '../clock.ts'
import type { CallRow, Database } from '../database/tables.ts'
import type { WriteProbe } from '../database/write-probe.ts'
import type { Log } from '../log.ts'
import { isOver } from './active-call.ts'
import { activeCalls } from './active-calls.ts'
import { callNews } from './call-news.ts'
import { allActive, callByKey, insertCall, type NewCall, readCall, saveCall, withEnd } from './call-rows.ts'
import { markSeen } from './missed-calls.ts'

export interface CallDependencies {
  readonly db: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly writeProbe: WriteProbe
  readonly log: Log
  /** Milliseconds. */
  readonly ringFor: number
  readonly roomAddress: (room: string) => string
}

/** A call that somebody wants to place. */
export interface Asked extends Omit<NewCall, 'callee'> {
  /** Looked for only when there is no call with the same key. */
  readonly callee: () => Promise<Account>
}

export type Placed =
  | { readonly kind: 'placed' | 'repeated'; readonly row: CallRow }
  /** Another call was placed with this key. */
  | { readonly kind: 'key-reused' }
  /** There is no call: the server stops. */
  | { readonly kind: 'stopping' }

/** Calls: placed, rung, answered, declined, cancelled, missed. Devices are reached by the bus alone. */
export interface Calls {
  /**
   * Places a call and rings. What was written is never refused: it stands as the row says.
   *
   * @returns when the caller can be told what came of it. @throws when it cannot be kept; then there is no call.
   */
  place(asked: Asked): Promise<Placed>
  /** A call as its caller hears it now. */
  look(id: string): Promise<CallRow | undefined>
  /** @returns whether it is cancelled, now or before. @throws when that could not be written; then it goes on. */
  cancel(id: string): Promise<boolean>
  /** `connection` is told what became of a call for which this comes too late. */
  answer(userId: string, device: string, connection: string, id: string): Promise<void>
  decline(userId: string, device: string, connection: string, id: string): Promise<void>
  seen(userId: string, calls: readonly string[]): Promise<void>
  /** Looks at the deadlines of all calls. */
  tick(): void
  /** Ends what an earlier server left. @returns how many. @throws when an end could not be written. */
  recover(): Promise<number>
  /** Takes no further call, and ends every one. @throws when an end could not be written. */
  stop(): Promise<void>
}

export function calls(dependencies: CallDependencies): Calls {
  const { db, bus, clock, writeProbe, log, ringFor } = dependencies
  const news = callNews(db, bus, dependencies.roomAddress)
  const active = activeCalls({ ...dependencies, news })
  /** Calls that are being written down: to end them all is to wait for these. */
  const beginning = new Set<Promise<unknown>>()
  let stopping = false

  const place = async ({ callee: find, ...asked }: Asked): Promise<Placed> => {
    const before = await callByKey(db, asked.placedBy, asked.idempotencyKey)
    if (before) return repeated(asked, before)
    const callee = await find()
    if (stopping) return { kind: 'stopping' }
    const begun = begin({ ...asked, callee })
    beginning.add(begun)
    const { row, repeated: again } = await begun.finally(() => beginning.delete(begun))
    if (again) return repeated(asked, row)
    if (isOver(row))
      news
        .missed(row.userId)
        .catch((err) => log.error({ err, call: row.id }, 'a missed call could not be told'))
    return { kind: 'placed', row: (await active.told(row.id)) ?? row }
  }

  const begin = async (call: NewCall) => {
    const now = clock.wall()
    const deadline = now + Math.max(ringFor, call.waitFor * 1_000)
    // What is so now: the record may be a write behind.
    const furtherOne = (others: readonly CallRow[]) =>
      others.some((other) => (active.look(other.id) ?? other).state !== 'waiting') ? 'busy' : 'unreachable'
    const written = await writeProbe.guard(() => insertCall(db, call, { now, deadline, furtherOne }))
    if (!written.repeated && !isOver(written.row)) active.begin(written.row)
    return written
  }

  const repeated = async (asked: Omit<Asked, 'callee'>, row: CallRow): Promise<Placed> => {
    if (row.to !== asked.to || row.from !== asked.from || row.waitFor !== asked.waitFor)
      return { kind: 'key-reused' }
    const told = await active.told(row.id)
    return { kind: 'repeated', row: told ?? (await readCall(db, row.id)) ?? row }
  }

  const end = async (
    kind: 'answered' | 'declined',
    userId: string,
    device: string,
    connection: string,
    id: string,
  ) => {
    if (active.look(id)?.userId === userId) return void (await active.happen(id, { kind, device }))
    const late = await readCall(db, id)
    if (late?.userId === userId) news.over(late, connection)
    else news.nothing(userId, id, 'cancelled', connection)
  }

  /** Ends those that only the record knows. */
  const endLeft = async () => {
    const stopped = { outcome: 'missed', why: 'server-restarted', device: null } as const
    const left = await allActive(db)
    const ends = left.map(async (row) => {
      await saveCall(db, withEnd(row, stopped, clock.wall()), [])
      bus.publish(callSubject(row.id), {})
    })
    await all(ends)
    return left.length
  }

  return {
    place,
    look: async (id) => active.look(id) ?? readCall(db, id),
    async cancel(id) {
      const row = (await active.happen(id, { kind: 'cancelled' })) ?? (await readCall(db, id))
      return row?.state === 'cancelled'
    },
    answer: (userId, device, connection, id) => end('answered', userId, device, connection, id),
    decline: (userId, device, connection, id) => end('declined', userId, device, connection, id),
    async seen(userId, seen) {
      if (await markSeen(db, userId, seen, clock.wall())) await news.missed(userId)
    },
    tick: active.tick,
    recover: endLeft,
    async stop() {
      stopping = true
      await Promise.allSettled(beginning)
      await all(active.ids().map((id) => active.happen(id, { kind: 'server-stopped' }))).finally(endLeft)
    },
  }
}

/** Waits for every one. @throws what the first that failed threw. */
async function all(acts: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(acts)
  await Promise.all(acts)
}
