import { setTimeout } from 'node:timers/promises'
import type { Account, MissedCall } from '../../protocol/connection.ts'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../clock.ts'
import type { CallRow } from '../database/call-tables.ts'
import type { Database } from '../database/tables.ts'
import type { WriteProbe } from '../database/write-probe.ts'
import { createKeyedQueue } from '../keyed-queue.ts'
import { createBuckets } from '../leaky-bucket.ts'
import type { Log } from '../log.ts'
import { publishEvents } from '../people/account-events.ts'
import { type CallEnd, isOver } from './active-call-reducer.ts'
import { answersVisit, createActiveCallRegistry, dispositionWithin } from './active-call-registry.ts'
import { createCallChanges } from './call-changes.ts'
import type { RoomAddress } from './call-config.ts'
import { type CallNodes, joinCallsOfNodes } from './call-nodes.ts'
import { type CallRates, createCallRateLimit } from './call-rate-limit.ts'
import {
  allActive,
  callByKey,
  endCall,
  insertCall,
  isOfBlocked,
  type NewCall,
  type NoteEnd,
  readCall,
  type Saved,
} from './call-rows.ts'
import { createCalleeDevices } from './callee-devices.ts'
import { watchCallers } from './callers-gone.ts'
import { createEndCounts, type EndCount } from './end-counts.ts'
import {
  countMissed,
  type Mark,
  missedCalls,
  type ToldAtWelcome,
  toldAtWelcome,
  writeMark,
} from './missed-calls.ts'
import { type CallsOfPeople, endRecord, openCallsOfPeople } from './people-calls.ts'
import { createPromiseCounts, type PromiseCounts } from './promise-counts.ts'

/** So much a person marks on all of their devices: far more than they press, which a device says every 2 s. */
const paceOfMarks = { atOnce: 60, perSecond: 2 }

/** A person places a call by hand: so many in a minute, a sixth of them at once, and of these so many to one contact. */
const ratesOfPeople: CallRates = { perMinute: 60, perMinuteToOne: 12 }

/** What another node writes of a call is looked at this often until its caller can be told, in ms. */
const lookAgainAfter = 250

export interface CallDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly bus: Bus
  readonly writeProbe: WriteProbe
  readonly callRates: CallRates
  /** How fast one person may place calls. */
  readonly callRatesOfPeople?: CallRates | undefined
  /** Writes what was said with a decline as a message. */
  readonly writeReply?: Parameters<typeof endRecord>[0]
  /** Is written with the end of each call. */
  readonly noteEnd?: NoteEnd | undefined
  /** A call of this visit of a place is over, and written here. */
  readonly onVisit?: ((visit: string, call: string) => void) | undefined
  /**
   * The time at which the visit of a place is answered, wall-clock ms, once every visit whose page could not hold its lease
   * meanwhile has another. Throws where that could not be written; the answer is not, either. By default the clock's.
   */
  readonly timeOfVisits?: (() => Promise<number>) | undefined
  /** Absent where the server runs alone. */
  readonly nodes?: CallNodes | undefined
  /** Whether all nodes say whether somebody is there: older versions do not. */
  readonly doAllTell?: (() => boolean) | undefined
  /** Milliseconds. */
  readonly ringFor: number
  readonly roomAddress: RoomAddress
}

/** A call that somebody wants to place. */
export interface CallRequest extends Omit<NewCall, 'callee'> {
  /** Looked for only when there is no call with the same key. */
  readonly callee: () => Promise<Account>
}

export type Placed =
  | { readonly kind: 'placed' | 'repeated'; readonly row: CallRow }
  /** Another call was placed with this key. */
  | { readonly kind: 'key-reused' }
  /** There is no call: its caller has placed too many, and has to wait for so many ms. */
  | { readonly kind: 'too-many'; readonly wait: number }
  /** There is no call: the server stops. */
  | { readonly kind: 'stopping' }

/** Calls: placed, rung, answered, declined, cancelled, missed. Devices are reached by the bus alone. */
export interface Calls extends CallsOfCaller, CallsOfCallee, CallsOfPeople {
  /** Looks at the deadlines of all calls. */
  tick(): void
  /**
   * Ends what an earlier server left; a node takes over instead what no other drives.
   *
   * @returns how many were ended. @throws when an end could not be written.
   */
  recover(): Promise<number>
  /**
   * A node drives no further call, and leaves every one to others, also what is placed here from now on: nobody who
   * places one knows yet that it goes. Whoever follows a call here goes on to hear of it.
   *
   * @throws when one could not be written; others take it over once this node is dead.
   */
  letGo(): Promise<void>
  /** Takes no further call, and ends every one; a node lets go of them. @throws when one could not be written. */
  stop(): Promise<void>
  counts(): CallCounts
}

export interface CallCounts {
  /** By state, those that are not over. */
  readonly active: Readonly<Record<'placed' | 'ringing' | 'waiting', number>>
  /** Since the beginning. */
  readonly ended: readonly EndCount[]
  /** Placed too fast, since the beginning. */
  readonly refused: number
  /** Since the beginning. */
  readonly promises: PromiseCounts
}

/** As whoever placed them has them. */
export interface CallsOfCaller {
  /**
   * Places a call and rings. What was written is never refused: it stands as the row says.
   *
   * @returns when the caller can be told what came of it. @throws when it cannot be kept; then there is no call.
   */
  place(request: CallRequest): Promise<Placed>
  /** A call as its caller hears it now. */
  get(id: string): Promise<CallRow | undefined>
  /** Hears of each change, without being told which. @returns what ends it. */
  onChange(id: string, listener: () => void): () => void
  /** @returns whether it is cancelled, now or before. @throws when that could not be written; then it goes on. */
  cancel(id: string): Promise<boolean>
}

/** As the person who is called has them, by the record, on each of their devices: all that presence knows of calls. */
export interface CallsOfCallee {
  /** @returns undefined when the account is deleted. */
  toldAtWelcome(userId: string, sessionId: string): Promise<ToldAtWelcome | undefined>
  /** What was missed and not yet seen, newest first. */
  missed(userId: string): Promise<MissedCall[]>
  /** How many of these were placed from `from` to `until`, wall-clock ms. */
  countMissed(userId: string, from: number, until: number): Promise<number>
  /** Whoever comes too late is told what became of the call. @throws when it could not be written: the device has to say it again. */
  answer(by: CalledDevice, id: string): Promise<void>
  /** @param reply what is said with it to a person who calls. */
  decline(by: CalledDevice, id: string, reply?: string): Promise<void>
  /**
   * All devices hear of what a mark changes, and the connection that said it is answered where it gave an `n`. Of a
   * person who marks too fast nothing is written or answered: their device has to say it again. @throws when it could
   * not be written.
   */
  mark(by: CalledDevice, mark: SaidMark): Promise<void>
}

/** What a device says of missed calls: that these were seen, or were not after all. */
export interface SaidMark {
  readonly type: Mark
  /** Their ids. */
  readonly calls: readonly string[]
  readonly n?: number | undefined
}

/** A device of a person that was rung, and the connection by which it says so. */
interface CalledDevice {
  readonly userId: string
  readonly device: string
  readonly connection: string
}

export function openCalls(dependencies: CallDependencies): Calls {
  const { db, bus, clock, log, writeProbe, ringFor, nodes } = dependencies
  const { timeOfVisits = async () => clock.wall() } = dependencies
  const node = nodes?.id ?? null
  const changes = createCallChanges(bus, node)
  const devices = createCalleeDevices({
    ...dependencies,
    haveAllHeard: async () => (await others?.haveAllHeard()) ?? false,
  })
  const ended = createEndCounts()
  const promises = createPromiseCounts()
  const recordEnd = endRecord(dependencies.writeReply, dependencies.noteEnd)
  const onEnd = ({ row, appended, unmissed = [] }: Omit<Saved, 'written'>) => {
    ended.count(row)
    for (const userId of unmissed) devices.missedChanged(userId)
    if (appended) publishEvents(bus, appended)
    const { id: call, state: outcome, why } = row
    log.info({ call, outcome, ...(why !== null && { why }) }, 'a call is over')
    if (row.visit !== null) dependencies.onVisit?.(row.visit, row.id)
  }
  const active = createActiveCallRegistry({
    ...dependencies,
    changes,
    devices,
    node,
    timeOfVisits,
    isForOthers: () => others?.isForOthers() ?? false,
    isBusHeard: async () => (await others?.isBusHeard()) ?? true,
    onEnd,
    recordEnd,
    promises,
  })
  const publish = (row: CallRow) => {
    changes.publish(row.id)
    if (row.callerId !== null) devices.placedChanged(row.callerId)
  }
  const tellOver = (row: CallRow) => {
    publish(row)
    devices.tellOver(row)
  }
  const others =
    nodes && joinCallsOfNodes({ ...dependencies, nodes, active, changes, tellOver, onEnd, recordEnd })
  let refused = 0
  // By node: a mark that is let in is one write, and counting it over all nodes would be another.
  const marks = createBuckets(paceOfMarks)
  const rateLimit = createCallRateLimit(dependencies)
  /** Calls that are being written down: to end them all is to wait for these. */
  const beginning = new Set<Promise<unknown>>()
  const inTurn = createKeyedQueue()
  let stopping = false
  /** What is placed here from now on is for other nodes to drive. */
  let draining = false

  const place = async (request: CallRequest): Promise<Placed> => {
    const { placedBy, idempotencyKey } = request
    // The same call, sent again before the first was written, waits for that: it is none, and counts for none.
    const written = await inTurn(idempotencyKey === null ? null : `${placedBy} ${idempotencyKey}`, () =>
      write(request),
    )
    if (written.kind !== 'written') return written
    const { row } = written
    if (written.repeated) return repeated(request, row)
    if (isOver(row)) devices.missedChanged(row.userId)
    return { kind: 'placed', row: (await awaitDisposition(row.id)) ?? row }
  }

  const write = async ({ callee: find, ...request }: CallRequest) => {
    const { placedBy, idempotencyKey } = request
    const before = await callByKey(db, placedBy, idempotencyKey)
    if (before) return { kind: 'written', row: before, repeated: true } as const
    // Places have limits of their own, and their light is green by these alone.
    const isOfVisit = request.visit !== undefined
    const wait = isOfVisit ? 0 : await rateLimit.ofKey(placedBy)
    if (wait > 0) return tooMany(wait)
    const callee = await find()
    const waitForCallee = isOfVisit ? 0 : await rateLimit.ofCallee(placedBy, callee.id)
    if (waitForCallee > 0) return tooMany(waitForCallee)
    if (await takesNone()) return { kind: 'stopping' } as const
    return { kind: 'written', ...(await whileBeginning(begin({ ...request, callee }))) } as const
  }

  const takesNone = async () => stopping || (draining && !(await others?.hasOthers()))

  const whileBeginning = <T>(begun: Promise<T>): Promise<T> => {
    beginning.add(begun)
    return begun.finally(() => beginning.delete(begun))
  }

  const tooMany = (wait: number) => {
    refused += 1
    return { kind: 'too-many', wait } as const
  }

  /** What is so now: the record may be a write behind. */
  const furtherOne = (before: readonly CallRow[]) =>
    before.some((other) => (active.get(other.id) ?? other).state !== 'waiting') ? 'busy' : 'unreachable'

  const ownerOfNext = () => (draining || others?.isForOthers() ? null : node)

  const begin = async (call: NewCall) => {
    const now = clock.wall()
    const deadline = now + Math.max(ringFor, call.waitFor * 1_000)
    const owner = ownerOfNext()
    const written = await writeProbe.guard(() =>
      insertCall(db, call, { now, deadline, owner, furtherOne, noteEnd: dependencies.noteEnd }),
    )
    if (!written.repeated) onWritten(written.row, undefined)
    return written
  }

  const onWritten = (row: CallRow, appended: Saved['appended']) => {
    log.info({ call: row.id, user: row.userId }, 'a call is placed')
    if (isOver(row)) onEnd({ row, appended })
    else if (node !== null && row.owner === null) others?.publishOrphaned()
    else active.begin(row)
  }

  const repeated = async (request: Omit<CallRequest, 'callee'>, row: CallRow): Promise<Placed> => {
    if (row.to !== request.to || row.from !== request.from || row.waitFor !== request.waitFor)
      return { kind: 'key-reused' }
    const now = await awaitDisposition(row.id)
    return { kind: 'repeated', row: now ?? (await readCall(db, row.id)) ?? row }
  }

  /** Of a call that another node drives, its row tells. */
  const awaitDisposition = async (id: string): Promise<CallRow | undefined> => {
    const here = await active.awaitDisposition(id)
    if (!nodes || (here && (isOver(here) || active.get(id)))) return here
    let wake = () => {}
    const leave = changes.follow(id, () => wake())
    try {
      const until = clock.monotonic() + dispositionWithin
      for (;;) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve
        })
        const row = await readCall(db, id)
        if (!row || row.disposition !== null || isOver(row) || clock.monotonic() >= until) return row
        await Promise.race([woken, setTimeout(lookAgainAfter)])
      }
    } finally {
      leave()
    }
  }

  const end = async (
    kind: 'answered' | 'declined',
    { userId, device, connection }: CalledDevice,
    id: string,
    reply?: string,
  ) => {
    const here = active.get(id)
    if (here?.userId === userId && !isOfBlocked(here)) {
      const row = await active.dispatch(id, { kind, device, reply })
      if (row && isOver(row)) return
    }
    const late = await readCall(db, id)
    if (late?.userId !== userId || isOfBlocked(late))
      return devices.stopRinging(userId, id, 'cancelled', connection)
    const { row, written } = await endElsewhere(late, { outcome: kind, why: null, device, reply })
    if (!written) devices.over(row, connection)
  }

  /** Ends a call that another node drives, or none, in its row; whoever drives it hears that it is over. */
  const endElsewhere = async (late: CallRow, how: CallEnd) => {
    if (!nodes || isOver(late)) return { row: late, written: false }
    const now = answersVisit(late, how) ? await timeOfVisits() : clock.wall()
    const saved = await writeProbe.guard(() => endCall(db, late.id, how, now, recordEnd))
    if (!saved) return { row: late, written: false }
    if (saved.written) onEndedElsewhere(saved)
    return saved
  }

  const onEndedElsewhere = (saved: Saved) => {
    onEnd(saved)
    tellOver(saved.row)
  }

  /** Ends those that only the record knows. */
  const endLeft = async () => {
    const stopped = { outcome: 'missed', why: 'server-restarted', device: null } as const
    const left = await allActive(db)
    const ends = left.map(async ({ id }) => {
      const saved = await endCall(db, id, stopped, clock.wall(), recordEnd)
      if (saved?.written) onEnd(saved)
      if (saved) publish(saved.row)
    })
    await all(ends)
    return left.length
  }

  const takeNoMore = async () => {
    stopping = true
    await Promise.allSettled(beginning)
  }

  const letGo = async () => {
    others?.stopAdopting()
    draining = true
    await Promise.allSettled(beginning)
    await active.letGo().finally(() => others?.publishOrphaned())
  }

  const cancel = async (id: string) => {
    const here = await active.dispatch(id, { kind: 'cancelled' })
    const row = here && isOver(here) ? here : await readCall(db, id)
    if (!row) return false
    const cancelled = { outcome: 'cancelled', why: 'cancelled', device: null } as const
    return (await endElsewhere(row, cancelled)).row.state === 'cancelled'
  }

  const ofPeople = openCallsOfPeople({
    ...dependencies,
    active,
    devices,
    rateLimit: createCallRateLimit({
      ...dependencies,
      callRates: dependencies.callRatesOfPeople ?? ratesOfPeople,
    }),
    inTurn,
    recordEnd,
    furtherOne,
    ownerOfNext: async () => ((await takesNone()) ? undefined : { owner: ownerOfNext() }),
    onEnd,
    tellOver,
    onHidden: publish,
    onWritten(row, appended) {
      onWritten(row, appended)
      if (!isOver(row)) return
      publish(row)
      devices.missedChanged(row.userId)
    },
    cancel,
    countRefused() {
      refused += 1
    },
    whileBeginning,
  })
  const callers = watchCallers({ active, devices, clock, log, cancel })

  return {
    ...ofPeople,
    place,
    get: async (id) => active.get(id) ?? readCall(db, id),
    onChange: changes.follow,
    cancel,
    toldAtWelcome: (userId, sessionId) => toldAtWelcome(db, userId, sessionId),
    missed: (userId) => missedCalls(db, userId),
    countMissed: (userId, from, until) => countMissed(db, userId, from, until),
    answer: (by, id) => end('answered', by, id),
    decline: (by, id, reply) => end('declined', by, id, reply),
    async mark({ userId, connection }, { type, calls, n }) {
      if (marks.pour(userId, clock.monotonic()) > 0) return
      const changed = await writeMark(db, userId, calls, type, clock.wall())
      if (n !== undefined) devices.answerMark(userId, { connection, n })
      if (changed) devices.missedChanged(userId, n === undefined ? undefined : connection)
    },
    counts() {
      const states = { placed: 0, ringing: 0, waiting: 0 }
      for (const id of active.ids()) {
        const state = active.get(id)?.state
        if (state === 'placed' || state === 'ringing' || state === 'waiting') states[state] += 1
      }
      return { active: states, ended: ended.all(), refused, promises: promises.all() }
    },
    tick() {
      others?.tick()
      active.tick()
      devices.tick()
      callers.tick()
      ofPeople.tick()
    },
    async recover() {
      if (!others) return endLeft()
      await others.look()
      return 0
    },
    letGo,
    async stop() {
      await takeNoMore()
      const ends = () => all(active.ids().map((id) => active.dispatch(id, { kind: 'server-stopped' })))
      await (others ? letGo() : ends().finally(endLeft)).finally(() => devices.tellAll())
    },
  }
}

/** Waits for every one. @throws what the first that failed threw. */
async function all(acts: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(acts)
  await Promise.all(acts)
}
