import { setTimeout } from 'node:timers/promises'
import type { Status } from '../../protocol/people.ts'
import { ringAckWithin } from '../../protocol/timing.ts'
import type { LegReport } from '../bus/leg-report.ts'
import type { Clock } from '../clock.ts'
import type { CallRow } from '../database/call-tables.ts'
import { laneOf } from '../database/postgres-database.ts'
import type { Database } from '../database/tables.ts'
import type { WriteProbe } from '../database/write-probe.ts'
import type { Log } from '../log.ts'
import { type Relation, relationOf } from '../people/relation.ts'
import { readStatus } from '../people/status-rows.ts'
import {
  type ActiveCall,
  type ActiveCallEffect,
  type ActiveCallEvent,
  adoptCall,
  beginCall,
  type CallEnd,
  canBeTold,
  deadlineOf,
  devicesOf,
  isOver,
  recordedDeadlineOf,
  reduceCall,
} from './active-call-reducer.ts'
import type { CallChanges } from './call-changes.ts'
import {
  type AdoptedCall,
  endOf,
  isOfBlocked,
  legRows,
  mayRing,
  type RecordEnd,
  readCall,
  type Saved,
  saveCall,
  withEnd,
} from './call-rows.ts'
import { type CalleeDevices, unseenAfter } from './callee-devices.ts'
import { nodesOf } from './legs.ts'
import type { createPromiseCounts, PromisesDecided } from './promise-counts.ts'

/** Who places a call waits no longer than devices may take to acknowledge, and a little, in ms. */
export const dispositionWithin = ringAckWithin + 1_000
/** What could not be written is tried again after so many ms. */
const saveAgainAfter = 1_000
/** What whoever is called had chosen as the call was written is read again after so many ms. */
const readAgainAfter = 250
/** What could not be read is read again after so many ms. */
const checkAgainAfter = 500

export interface ActiveCallRegistryDependencies {
  readonly db: Database
  readonly changes: CallChanges
  readonly clock: Clock
  readonly writeProbe: WriteProbe
  readonly log: Log
  readonly devices: CalleeDevices
  /** Told of each end that was written here. */
  readonly onEnd: (saved: Saved) => void
  readonly recordEnd: RecordEnd
  readonly promises: ReturnType<typeof createPromiseCounts>
  /** As the driver of its calls in their rows; null where the server runs alone. */
  readonly node: string | null
  /** Whether this node can ring nobody, and others can. */
  readonly isForOthers: () => boolean
  /** Whether the bus brings back what is sent by it; a server alone has no other. */
  readonly isBusHeard: () => Promise<boolean>
  /** As calls have it. */
  readonly timeOfVisits: () => Promise<number>
  /** Milliseconds. */
  readonly ringFor: number
}

/** Whether this end is the answer to a visitor of a place, which is dated by `timeOfVisits`. */
export const answersVisit = ({ visit }: CallRow, how: Pick<CallEnd, 'outcome'> | undefined): boolean =>
  visit !== null && how?.outcome === 'answered'

/** The calls that this server drives, none of them over: each in one reducer, which this lets act. */
export interface ActiveCallRegistry {
  /** Owns a call that was just written from now on, and has it rung. */
  begin(row: CallRow): void
  /** Owns a call from now on that another server drove. */
  adopt(call: AdoptedCall): void
  /** A call as its caller hears it; undefined when it is not active. */
  get(id: string): CallRow | undefined
  ids(): string[]
  /** @returns the call once each device that was asked has acknowledged or is given up, 4 s after it began at most. */
  awaitDisposition(id: string): Promise<CallRow | undefined>
  /**
   * Reduces an event into a call, and waits for the writing of what follows.
   *
   * @returns the call as it is then; undefined when it was not active.
   * @throws when it should have ended, and that could not be written.
   */
  dispatch(id: string, event: ActiveCallEvent): Promise<CallRow | undefined>
  /** Reduces an event into every call. */
  dispatchAll(event: ActiveCallEvent): void
  /** Looks whether a call was ended or taken over elsewhere, and lets go of it then. */
  check(id: string): Promise<void>
  /** Nothing is known of any leg until `sure`; from then on every device is asked anew. */
  doubt(sure: Promise<unknown>): void
  /** The nodes on whose connections something rings, or may soon. */
  legNodes(): string[]
  /** Writes down how each stands, for another node to go on. @throws when one could not be written; it stays. */
  letGo(): Promise<void>
  /** Looks at every deadline. */
  tick(): void
}

/** What whoever is called has chosen, and whether they let their caller ring through it. */
type Chosen = Status & Pick<Relation, 'ringsThrough'>
type Ask = ActiveCallEffect & { readonly kind: 'ask' }

interface Entry {
  call: ActiveCall
  /** As its caller hears it. How it ended is in here only once it is in the record. */
  row: CallRow
  /** Ends the hearing of what other nodes did to it. */
  readonly leave: () => void
  /** How often another node said that it changed it. */
  changes: number
  /** Until that is read. */
  unread: Promise<void> | undefined
  /** It is to be written as driven by nobody. */
  lettingGo: boolean
  /** Resolved once its caller can be told whether it rings. */
  readonly disposition: PromiseWithResolvers<void>
  readonly dispositionBy: number
  ending: (ActiveCallEffect & { kind: 'end' }) | undefined
  unsaved: boolean
  saveAt: number
  /** When the devices of somebody invisible are asked; null where that is not to come. */
  unseenAt: number | null
  saving: Promise<void> | undefined
  error: unknown
}

export function createActiveCallRegistry(dependencies: ActiveCallRegistryDependencies): ActiveCallRegistry {
  const { db, changes, clock, writeProbe, log, devices, onEnd, recordEnd, promises, node, ringFor } =
    dependencies
  const { isForOthers, isBusHeard, timeOfVisits } = dependencies
  const entries = new Map<string, Entry>()
  /** By who is called: their calls, and what ends the hearing of their legs. */
  const callees = new Map<string, { readonly calls: Set<Entry>; readonly leave: () => void }>()

  /** While nothing is known of any leg, nobody is asked. */
  let doubted: Promise<unknown> | undefined

  const isOurs = (entry: Entry) => entries.get(entry.row.id) === entry

  const dispatch = (entry: Entry, event: ActiveCallEvent) => {
    if (!isOurs(entry)) return
    const now = clock.monotonic()
    const [next, effects] = reduceCall(entry.call, event, now)
    tellPromises(entry, promises.count(entry.call, next, event))
    entry.call = next
    for (const effect of effects) act(entry, effect, now)
    if (entry.dispositionBy <= now || canBeTold(next)) entry.disposition.resolve()
    if (entry.ending || (entry.unsaved && entry.saveAt <= now)) save(entry)
  }

  const tellPromises = ({ row: { id: call } }: Entry, decided: PromisesDecided | undefined) => {
    for (const connection of decided?.kept ?? []) log.info({ call, connection }, 'a device rings')
    for (const connection of decided?.broken ?? [])
      log.info({ call, connection }, 'a device that was to ring did not say that it does')
  }

  const act = (entry: Entry, effect: ActiveCallEffect, now: number, isFirst = false) => {
    const { id, userId } = entry.row
    switch (effect.kind) {
      case 'ask':
        return void ask(entry, effect, isFirst && !doubted)
      case 'unanswered':
        return devices.unanswered(userId, effect.connection)
      case 'changed': {
        const { state, disposition } = entry.call
        const deadline = Math.round(clock.wall() + recordedDeadlineOf(entry.call) - now)
        entry.row = { ...entry.row, state, disposition, devices: devicesOf(entry.call), deadline }
        entry.unsaved = true
        return publish(entry.row)
      }
      case 'end':
        entry.ending = effect
        return
      case 'silence':
        // Another node may write an answer first: there, each device ends it at its own deadline, which is the same, and
        // says that how it ended is unknown.
        if (node === null) devices.stopRinging(userId, id, 'missed')
        return
      case 'over':
        forget(entry)
        devices.tellOver(entry.row)
    }
  }

  const publish = ({ id, callerId }: CallRow) => {
    changes.publish(id)
    if (callerId !== null) devices.placedChanged(callerId)
  }

  /** @param isFirst it was written just now. */
  const ask = async (entry: Entry, effect: Ask, isFirst: boolean) => {
    const isKnown = await ringKnown(entry, effect, isFirst)
    if (!isKnown && isOurs(entry)) {
      // Nobody was asked, which is not to be told as that nobody could be reached.
      entry.lettingGo = true
      return save(entry)
    }
    dispatch(entry, { kind: 'ask-returned' })
  }

  /** @returns whether nobody else can know more of who could be reached. */
  const ringKnown = async (entry: Entry, effect: Ask, isFirst: boolean): Promise<boolean> => {
    try {
      let isBusy: boolean
      do {
        while (doubted || entry.unread) await (doubted ?? entry.unread)
        isBusy = await isBusyNow(entry, isFirst)
        // That may take long where it cannot be read.
      } while (doubted || entry.unread)
      // It may be over, or another node's, and must ring nowhere then.
      if (!isOurs(entry)) return true
      const { row, call } = entry
      const ringsFor = Math.min(effect.ringsFor, deadlineOf(call) - clock.monotonic())
      if (ringsFor <= 0) return true
      const isUnseen = row.hidden === 'invisible' && (call.disposition === null || isBusy)
      const ring =
        !mayRing(row) || isUnseen
          ? devices.ringNobody(row, ringsFor)
          : isBusy
            ? devices.find(row.userId, () => dispatch(entry, { kind: 'found-busy' }))
            : devices.ring(row, ringsFor, effect.connection)
      return (await ring) || (await isBusHeard())
    } catch (err) {
      log.error({ err, call: entry.row.id }, 'a ring could not be sent')
      return !isForOthers()
    }
  }

  /** Whether whoever is called is busy for their caller by now; from who is invisible by now on a person's call is one to such. */
  const isBusyNow = async (entry: Entry, isFirst: boolean): Promise<boolean> => {
    const { busyUntil, callerId, hidden } = entry.row
    // What rings nowhere stays so; but until its caller was told anything it takes as long as any.
    if (hidden === 'blocked' && entry.call.disposition !== null) return false
    // To read that would be felt in the time in which its caller is told first, and it was read just before.
    const isReadJustNow = clock.monotonic() < entry.dispositionBy - dispositionWithin + readAgainAfter
    if (isFirst && isReadJustNow) return busyUntil !== null && busyUntil > clock.wall()
    const chosen = await readChosen(entry)
    if (chosen?.status === 'invisible' && callerId !== null) hideInvisible(entry)
    // What has rung goes on, whatever they choose then.
    if (!chosen || entry.call.rung) return false
    const isBusy = chosen.status === 'busy' && !chosen.ringsThrough
    if (entry.row.hidden === null) entry.row = { ...entry.row, busyUntil: isBusy ? chosen.until : null }
    return isBusy
  }

  /** While that cannot be read nobody is rung: a caller would hear of it. @returns undefined once the call is not driven here. */
  const readChosen = async (entry: Entry): Promise<Chosen | undefined> => {
    const { callerId, userId } = entry.row
    const calls = laneOf(db, 'calls')
    while (isOurs(entry)) {
      try {
        const ringsThrough = callerId !== null && (await relationOf(calls, callerId, userId)).ringsThrough
        return { ...(await readStatus(calls, userId, clock.wall())), ringsThrough }
      } catch (err) {
        log.error({ err, call: entry.row.id }, 'what whoever is called has chosen could not be read')
        await setTimeout(checkAgainAfter)
      }
    }
    return undefined
  }

  /** Its caller is told from now on what is told of somebody offline. While it rings they know that it does. */
  const hideInvisible = (entry: Entry) => {
    if (entry.row.hidden !== null || entry.call.state === 'ringing') return
    entry.row = { ...entry.row, hidden: 'invisible' }
    dispatch(entry, { kind: 'found-invisible' })
    if (entry.call.disposition === null) void ringUnseen(entry)
  }

  /** Nothing happens to it from now on, and whoever waits for it looks into the record. */
  const forget = (entry: Entry) => {
    const { id, userId } = entry.row
    entries.delete(id)
    entry.leave()
    const callee = callees.get(userId)
    callee?.calls.delete(entry)
    if (callee?.calls.size === 0) {
      callee.leave()
      callees.delete(userId)
    }
    entry.ending = undefined
    entry.unsaved = false
    entry.lettingGo = false
    entry.disposition.resolve()
    publish(entry.row)
  }

  /** What is not driven here any more is not told of here either; nor can more be done about one that is gone. */
  const keepTo = (entry: Entry, row: CallRow | undefined) => {
    if (row?.owner === node && !isOver(row)) return hide(entry, row)
    entry.row = row ?? entry.row
    if (row?.owner === node) return dispatch(entry, { kind: 'ended', end: endOf(row) })
    promises.abandon(entry.call)
    if (!isOver(entry.row)) log.info({ call: entry.row.id }, 'a call is for another node to drive')
    forget(entry)
  }

  /** Where whoever calls was blocked meanwhile it rings nowhere from now on. */
  const hide = (entry: Entry, row: CallRow) => {
    // A row that is a write behind does not say yet that they are invisible.
    if (!isOfBlocked(row) || isOfBlocked(entry.row)) return
    const { hidden, appearance } = row
    entry.row = { ...entry.row, hidden, appearance }
    dispatch(entry, { kind: 'bus-lost' })
  }

  /** Told first what is told of somebody offline, and in the same time; then their devices ring. */
  const ringUnseen = async (entry: Entry) => {
    await entry.disposition.promise
    await entry.saving
    entry.unseenAt = clock.monotonic() + unseenAfter
  }

  const check = async (entry: Entry) => {
    const row = await readCall(db, entry.row.id)
    if (isOurs(entry)) keepTo(entry, row)
  }

  /** While that cannot be read it may be over, or another's: no leg of it is known to ring, and nobody is asked. */
  const checkUntilRead = async (entry: Entry) => {
    let failed = false
    while (isOurs(entry)) {
      const { changes } = entry
      try {
        await check(entry)
        if (entry.changes === changes) break
      } catch (err) {
        log.error({ err, call: entry.row.id }, 'a call could not be looked up')
        failed = true
        dispatch(entry, { kind: 'bus-lost' })
        await setTimeout(checkAgainAfter)
      }
    }
    entry.unread = undefined
    if (failed) dispatch(entry, { kind: 'bus-returned' })
  }

  const save = (entry: Entry) => {
    if (isOurs(entry)) entry.saving ??= saveAll(entry)
  }

  /** One write after the other, and the end only once. */
  const saveAll = async (entry: Entry) => {
    while (isOurs(entry) && (entry.ending || entry.unsaved || entry.lettingGo)) {
      const end = entry.ending?.end
      entry.ending = undefined
      entry.unsaved = false
      // Of somebody invisible nothing more is written than of somebody offline: a caller who cancels is answered as soon.
      const isUnseen = end?.outcome === 'cancelled' && entry.row.hidden === 'invisible'
      const legs = isUnseen ? [] : legRows(entry.row.id, entry.call.legs, end, clock)
      try {
        const endedAt = answersVisit(entry.row, end) ? await timeOfVisits() : clock.wall()
        const open = entry.lettingGo ? { ...entry.row, owner: null } : entry.row
        const row = end ? withEnd(entry.row, end, endedAt) : open
        const saved = await writeProbe.guard(() => saveCall(db, row, legs, node, recordEnd))
        entry.error = undefined
        if (end && saved?.written) onEnd(saved)
        if (!isOurs(entry)) break
        keepTo(entry, saved?.row)
        // Others look into the record, where it is only now.
        if (node !== null && isOurs(entry)) publish(row)
        // Who calls was blocked before it was answered: it goes on.
        if (end && isOurs(entry)) dispatch(entry, { kind: 'unwritten' })
      } catch (error) {
        log.error({ err: error, call: entry.row.id }, 'a change of a call could not be written yet')
        entry.error = error
        entry.unsaved = true
        entry.saveAt = clock.monotonic() + saveAgainAfter
        // An end that came meanwhile has a write of its own, and whoever waits for it is told by that one.
        if (!end && entry.ending) continue
        if (end) dispatch(entry, { kind: 'unwritten' })
        break
      }
    }
    // In the step in which nothing was left to write, so that no `save` falls between. What a failed write left, also the
    // end that follows from a deadline gone by, is written at the next look at the deadlines.
    entry.saving = undefined
  }

  const onLegReport = (userId: string, report: LegReport) => {
    for (const entry of [...(callees.get(userId)?.calls ?? [])])
      if (!('call' in report) || report.call === entry.row.id) dispatch(entry, report)
  }

  const own = (
    row: CallRow,
    [call, effects]: [ActiveCall, ActiveCallEffect[]],
    now: number,
    isFirst = false,
  ) => {
    const { id, userId } = row
    const entry: Entry = {
      call,
      row,
      leave: changes.onOtherNode(id, () => {
        entry.changes += 1
        entry.unread ??= checkUntilRead(entry)
      }),
      changes: 0,
      unread: undefined,
      lettingGo: false,
      disposition: Promise.withResolvers<void>(),
      dispositionBy: now + dispositionWithin,
      ending: undefined,
      unsaved: false,
      saveAt: 0,
      unseenAt: null,
      saving: undefined,
      error: undefined,
    }
    entries.set(id, entry)
    const callee = callees.get(userId) ?? {
      calls: new Set(),
      // Heard before anybody is asked, so that no report falls between.
      leave: devices.onLegReport(userId, (report) => onLegReport(userId, report)),
    }
    callee.calls.add(entry)
    callees.set(userId, callee)
    // It may be over by now: whoever is called may have called back before this one was heard of here.
    if (row.callerId !== null) entry.unread = checkUntilRead(entry)
    for (const effect of effects) act(entry, effect, now, isFirst)
    if (row.hidden === 'invisible' && row.disposition === null) void ringUnseen(entry)
    if (entry.ending || entry.unsaved) save(entry)
  }

  const dispatchAll = (event: ActiveCallEvent) => {
    for (const entry of [...entries.values()]) dispatch(entry, event)
  }

  return {
    begin(row) {
      const now = clock.monotonic()
      const [waitFor, capped] = [row.waitFor * 1_000, row.hidden !== null]
      own(row, beginCall({ ringFor, waitFor, capped }, now), now, true)
      publish(row)
    },
    adopt({ row, rung }) {
      if (entries.has(row.id)) return
      const now = clock.monotonic()
      const wall = clock.wall()
      const { disposition, at, waitFor, deadline } = row
      log.info({ call: row.id }, 'a call is taken over')
      const [waitLeft, left] = [at + waitFor * 1_000 - wall, deadline - wall]
      const capped = row.hidden !== null
      own(row, adoptCall({ disposition, rung, ringFor, waitLeft, left, capped }, now), now)
    },
    get: (id) => entries.get(id)?.row,
    ids: () => [...entries.keys()],
    async awaitDisposition(id) {
      const entry = entries.get(id)
      if (!entry) return undefined
      await entry.disposition.promise
      await entry.saving
      return entry.row
    },
    async dispatch(id, event) {
      const entry = entries.get(id)
      if (!entry) return undefined
      dispatch(entry, event)
      await entry.saving
      if (!isOver(entry.row) && entry.error !== undefined) throw entry.error
      return entry.row
    },
    dispatchAll,
    async check(id) {
      const entry = entries.get(id)
      if (entry) await check(entry)
    },
    doubt(sure) {
      dispatchAll({ kind: 'bus-lost' })
      const doubt = sure.then(
        () => {},
        () => {},
      )
      doubted = doubt
      void doubt.then(() => {
        if (doubted !== doubt) return
        doubted = undefined
        dispatchAll({ kind: 'bus-returned' })
      })
    },
    legNodes: () => [...new Set([...entries.values()].flatMap(({ call }) => nodesOf(call.legs)))],
    async letGo() {
      const held = [...entries.values()]
      for (const entry of held) {
        entry.lettingGo = true
        save(entry)
      }
      await Promise.all(held.map(({ saving }) => saving))
      const failed = held.find(isOurs)
      if (failed) throw failed.error
    },
    tick() {
      dispatchAll({ kind: 'tick' })
      const now = clock.monotonic()
      for (const entry of [...entries.values()]) {
        if (entry.unseenAt === null || entry.unseenAt > now) continue
        entry.unseenAt = null
        dispatch(entry, { kind: 'bus-returned' })
      }
    },
  }
}
