import { ringAckWithin } from '../../protocol/timing.ts'
import type { Bus } from '../bus/bus.ts'
import type { LegReport } from '../bus/leg-report.ts'
import type { Clock } from '../clock.ts'
import type { CallRow } from '../database/call-tables.ts'
import type { Database } from '../database/tables.ts'
import type { WriteProbe } from '../database/write-probe.ts'
import type { Log } from '../log.ts'
import {
  type ActiveCall,
  type ActiveCallEffect,
  type ActiveCallEvent,
  beginCall,
  deadlineOf,
  devicesOf,
  isOver,
  isTrying,
  reduceCall,
} from './active-call-reducer.ts'
import { publishCallChange } from './call-changes.ts'
import { endOf, legRows, saveCall, withEnd } from './call-rows.ts'
import type { CalleeDevices } from './callee-devices.ts'

/** Who places a call waits no longer than devices may take to acknowledge, and a little, in ms. */
const dispositionWithin = ringAckWithin + 1_000
/** What could not be written is tried again after so many ms. */
const saveAgainAfter = 1_000

export interface ActiveCallRegistryDependencies {
  readonly db: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly writeProbe: WriteProbe
  readonly log: Log
  readonly devices: CalleeDevices
  /** Milliseconds. */
  readonly ringFor: number
}

/** The calls that are not over: each in one reducer, which this lets act. */
export interface ActiveCallRegistry {
  /** Owns a call that was just written from now on, and has it rung. */
  begin(row: CallRow): void
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
  /** Looks at every deadline. */
  tick(): void
}

interface Entry {
  call: ActiveCall
  /** As its caller hears it. How it ended is in here only once it is in the record. */
  row: CallRow
  /** Resolved once its caller can be told whether it rings. */
  readonly disposition: PromiseWithResolvers<void>
  readonly dispositionBy: number
  ending: (ActiveCallEffect & { kind: 'end' }) | undefined
  unsaved: boolean
  saveAt: number
  saving: Promise<void> | undefined
  error: unknown
}

export function createActiveCallRegistry(dependencies: ActiveCallRegistryDependencies): ActiveCallRegistry {
  const { db, bus, clock, writeProbe, log, devices, ringFor } = dependencies
  const entries = new Map<string, Entry>()
  /** By who is called: their calls, and what ends the hearing of their legs. */
  const callees = new Map<string, { readonly calls: Set<Entry>; readonly leave: () => void }>()

  const dispatch = (entry: Entry, event: ActiveCallEvent) => {
    const now = clock.monotonic()
    const [next, effects] = reduceCall(entry.call, event, now)
    entry.call = next
    for (const effect of effects) act(entry, effect, now)
    if (entry.dispositionBy <= now || (next.state !== 'placed' && !isTrying(next)))
      entry.disposition.resolve()
    if (entry.ending || (entry.unsaved && entry.saveAt <= now)) save(entry)
  }

  const act = (entry: Entry, effect: ActiveCallEffect, now: number) => {
    const { id, userId } = entry.row
    switch (effect.kind) {
      case 'ask':
        return void ask(entry, effect.connection, effect.ringsFor)
      case 'unanswered':
        return devices.unanswered(userId, effect.connection)
      case 'changed': {
        const { state, disposition } = entry.call
        const deadline = Math.round(clock.wall() + deadlineOf(entry.call) - now)
        entry.row = { ...entry.row, state, disposition, devices: devicesOf(entry.call), deadline }
        entry.unsaved = true
        return publishCallChange(bus, id)
      }
      case 'end':
        entry.ending = effect
        return
      case 'silence':
        return devices.stopRinging(userId, id, 'missed')
      case 'over':
        forget(entry)
        devices.over(entry.row)
        if (entry.row.state === 'missed' || entry.row.state === 'cancelled') devices.missedChanged(userId)
    }
  }

  const ask = async (entry: Entry, connection: string | null, ringsFor: number) => {
    try {
      await devices.ring(entry.row, ringsFor, connection)
    } catch (err) {
      log.error({ err, call: entry.row.id }, 'a ring could not be sent')
    }
    dispatch(entry, { kind: 'ask-returned' })
  }

  /** Nothing happens to it from now on, and whoever waits for it looks into the record. */
  const forget = (entry: Entry) => {
    const { id, userId } = entry.row
    entries.delete(id)
    const callee = callees.get(userId)
    callee?.calls.delete(entry)
    if (callee?.calls.size === 0) {
      callee.leave()
      callees.delete(userId)
    }
    entry.ending = undefined
    entry.unsaved = false
    entry.disposition.resolve()
    publishCallChange(bus, id)
  }

  const save = (entry: Entry) => {
    if (entries.has(entry.row.id)) entry.saving ??= saveAll(entry)
  }

  /** One write after the other, and the end only once. */
  const saveAll = async (entry: Entry) => {
    while (entries.has(entry.row.id) && (entry.ending || entry.unsaved)) {
      const end = entry.ending?.end
      entry.ending = undefined
      entry.unsaved = false
      const row = end ? withEnd(entry.row, end, clock.wall()) : entry.row
      const legs = legRows(entry.row.id, entry.call.legs, end, clock)
      try {
        const kept = await writeProbe.guard(() => saveCall(db, row, legs))
        entry.error = undefined
        if (!kept) forget(entry)
        else if (isOver(kept)) {
          entry.row = kept
          dispatch(entry, { kind: 'ended', end: endOf(kept) })
        }
      } catch (error) {
        log.error({ err: error, call: row.id }, 'a change of a call could not be written yet')
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

  return {
    begin(row) {
      const now = clock.monotonic()
      const [call, effects] = beginCall({ ringFor, waitFor: row.waitFor * 1_000 }, now)
      const entry: Entry = {
        call,
        row,
        disposition: Promise.withResolvers<void>(),
        dispositionBy: now + dispositionWithin,
        ending: undefined,
        unsaved: false,
        saveAt: 0,
        saving: undefined,
        error: undefined,
      }
      entries.set(row.id, entry)
      const callee = callees.get(row.userId) ?? {
        calls: new Set(),
        // Heard before anybody is asked, so that no report falls between.
        leave: devices.onLegReport(row.userId, (report) => onLegReport(row.userId, report)),
      }
      callee.calls.add(entry)
      callees.set(row.userId, callee)
      for (const effect of effects) act(entry, effect, now)
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
    tick() {
      for (const entry of [...entries.values()]) dispatch(entry, { kind: 'tick' })
    },
  }
}
