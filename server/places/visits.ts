import { setTimeout as delay } from 'node:timers/promises'
import { isSoundPlaceTiming, type PlaceLight, placeTiming, type VisitView } from '../../protocol/place.ts'
import { readAccount } from '../accounts/find-account.ts'
import { hashOf, isKeyedHash, keyedHash } from '../accounts/secrets.ts'
import type { Bus } from '../bus/bus.ts'
import { subjectWord } from '../bus/subject-word.ts'
import type { Calls } from '../calls/calls.ts'
import type { Clock } from '../clock.ts'
import type { CallRow } from '../database/call-tables.ts'
import type { PlaceRow, VisitRow } from '../database/place-tables.ts'
import type { Database } from '../database/tables.ts'
import { everyOneAtATime } from '../every.ts'
import type { Log } from '../log.ts'
import type { PlaceCounts } from './place-counts.ts'
import type { PlaceLights, SeenPlace } from './place-lights.ts'
import type { VisitorNetworks } from './share-of-visitor.ts'
import {
  answeredCall,
  blockedVisits,
  callerOf,
  callsOfVisit,
  endVisit,
  insertVisit,
  lapsedVisits,
  noteNobody,
  positionOf,
  readVisit,
  renewVisit,
  shortenLeases,
  strayCalls,
  takeTurn,
  visitByKey,
} from './visit-rows.ts'
import { stepOf } from './visit-rule.ts'
import type { VisitTime } from './visit-time.ts'

/** A visit that somebody waits for is looked at this often, in ms; the bus tells sooner of what matters most. */
const lookEvery = 400
/** Visits whose page is gone, and what rings for those that are over, are looked for this often, in ms. */
const sweepEvery = 1_000

const visitSubject = (id: string): string => `visit.${subjectWord(id)}`
const secretPurpose = 'visit'

export interface VisitDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly time: VisitTime
  readonly log: Pick<Log, 'error' | 'info'>
  readonly bus: Pick<Bus, 'subscribe' | 'publish'>
  readonly calls: Pick<Calls, 'place' | 'cancel'>
  readonly lights: PlaceLights
  readonly counts: Pick<PlaceCounts, 'ended'>
  /** Of this installation. */
  readonly secret: string
  /** Where whoever placed this answered call goes, for them alone. */
  readonly roomFor: (call: CallRow) => string
  /** Whoever placed this answered call hangs up, wherever whoever answered is. */
  readonly hangUp: (call: CallRow) => Promise<void>
}

/** Whoever presses Call at a place. */
export interface Visitor {
  readonly name: string
  /** The page's own id of the visit: it makes one. */
  readonly key: string
  /** Keyed hashes of where they come from. */
  readonly networks: VisitorNetworks
}

export type BegunVisit =
  | { readonly kind: 'visiting'; readonly secret: string; readonly visit: VisitView }
  | { readonly kind: 'not-now' | 'full'; readonly light: PlaceLight }
  | { readonly kind: 'blocked' }

/** From where they are it rang so often of late in vain that they have to wait for so many ms. */
interface TooMany {
  readonly kind: 'too-many'
  readonly wait: number
}

/**
 * Visits of places. Each is one row, in which its first end wins, whoever finds it; members are rung by calls of their own.
 * Whichever node is asked about a visit sees to it, so that none is needed for it.
 */
export interface Visits {
  /** The visit that this key has made already, as it stands now; undefined where it has made none. */
  again(placeId: string, key: string): Promise<BegunVisit | undefined>
  /** Proves the light again, and rings or waits. @throws when it cannot be kept; then there is no visit. */
  begin(seen: SeenPlace, visitor: Visitor): Promise<BegunVisit | TooMany>
  /** Whether this is the secret of a visit: only its page has it. */
  isVisitor(id: string, secret: string): boolean
  /**
   * The page is there. Tells how the visit stands as soon as that is another than `seen`, or after a while.
   *
   * @param signal ends the waiting. @returns undefined where there is no such visit.
   */
  wait(id: string, seen: string | null, signal: AbortSignal): Promise<VisitView | undefined>
  /**
   * The visitor is there no more.
   *
   * @param hasHungUp by a press of theirs: where a member has answered at that moment, their call's room is over by that. A page
   * that only goes may be on its way into the room. @returns how the visit ended, by this or before.
   */
  end(id: string, hasHungUp: boolean): Promise<VisitView | undefined>
  /** These visits were declined here, with what else was written: whoever waits for them hears it, and what rings stops. */
  onDeclined(ids: readonly string[]): void
  /** A call of this visit is over, and was written here. */
  onCallOver(id: string, call: string): void
  tick(): void
}

export function openVisits(dependencies: VisitDependencies): Visits {
  const { db, clock, time, log, bus, calls, lights, counts, secret, roomFor, hangUp } = dependencies
  if (!isSoundPlaceTiming(placeTiming)) throw new Error('These timings do not fit the rules.')
  /** By visit: what wakes whoever waits for it here, of whom there is one. */
  const waiting = new Map<string, AbortController>()
  /** By visit: the members whose calls are being written down here. */
  const placing = new Map<string, Set<string>>()

  const tellFailed = (visit: string, what: string) => (err: unknown) => log.error({ err, visit }, what)

  /** Whoever waits for it, at whichever node, looks at once. */
  const publish = (id: string) => bus.publish(visitSubject(id), {})

  const placeCall = async (visit: VisitRow, { id, name }: PlaceRow, member: string) => {
    const callee = async () => {
      const account = await readAccount(db, member)
      if (!account) throw new Error('this member is no more')
      return account
    }
    const { kind } = await calls.place({
      ...{ callee, to: name, from: `${name}: ${visit.name}`, waitFor: 0 },
      ...{ placedBy: callerOf(id), idempotencyKey: `${visit.id} ${member}`, visit: visit.id },
    })
    if (kind !== 'placed' && kind !== 'repeated') throw new Error(`the call was not placed: ${kind}`)
  }

  const ring = (visit: VisitRow, place: PlaceRow, members: readonly string[]) => {
    const under = placing.get(visit.id) ?? new Set()
    placing.set(visit.id, under)
    for (const member of members) {
      under.add(member)
      placeCall(visit, place, member)
        .catch(tellFailed(visit.id, 'a member could not be called for a visitor'))
        .finally(() => {
          under.delete(member)
          if (under.size === 0) placing.delete(visit.id)
          publish(visit.id)
        })
    }
  }

  /** What rings for a visit that is over ends as the visit did. */
  const stopCalls = async (id: string) => {
    const all = await callsOfVisit(db, id)
    const active = all.filter(({ state }) => state === 'placed' || state === 'ringing' || state === 'waiting')
    await Promise.all(active.map((call) => calls.cancel(call.id)))
  }

  /** What follows from the end of a visit that is written down. */
  const afterEnd = async (id: string, state: Parameters<typeof endVisit>[2]) => {
    log.info({ visit: id, state }, 'a visit is over')
    counts.ended(state)
    publish(id)
    await stopCalls(id).catch(tellFailed(id, 'what rings for a visitor who is gone could not be ended yet'))
  }

  const finish = async (id: string, state: Parameters<typeof endVisit>[2]) => {
    if (await endVisit(db, id, state, clock.wall())) await afterEnd(id, state)
  }

  /** Does what is to be done about a visit now. @returns whether it stands otherwise by that, or meanwhile. */
  const advance = async ({ id, placeId }: Pick<VisitRow, 'id' | 'placeId'>): Promise<boolean> => {
    const seen = await lights.look(placeId)
    if (!seen) return false
    const now = await time.now()
    // To look at a place takes seconds where a member has to be asked for.
    const visit = await readVisit(db, id)
    if (!visit || visit.endedAt !== null) return true
    const own = visit.state === 'calling' ? await callsOfVisit(db, visit.id) : []
    const asked = new Set([...own.map(({ userId }) => userId), ...(placing.get(visit.id) ?? [])])
    const unasked = seen.available.filter((member) => !asked.has(member))
    const isPlacing = placing.has(visit.id)
    const step = stepOf({ visit, light: seen.light, calls: own, isPlacing, unasked }, now)
    switch (step.kind) {
      case 'wait':
        return false
      case 'note':
        await noteNobody(db, visit.id, step.nobodySince)
        // Somebody is there again: whose turn it is rings at once.
        return step.nobodySince === null && advance(visit)
      case 'take-turn': {
        if (!(await takeTurn(db, visit, seen.available.length, now))) return false
        ring(visit, seen.place, seen.available)
        return true
      }
      case 'ring':
        ring(visit, seen.place, step.members)
        return false
      case 'end':
        await finish(visit.id, step.state)
        return true
    }
  }

  const viewOf = async (visit: VisitRow): Promise<VisitView> => {
    const { id, state, callId } = visit
    const position = state === 'queued' ? await positionOf(db, visit, await time.now()) : null
    if (state === 'queued' && position === null) {
      // It has left the line since it was read. Where it has not, since its lease is over, it has no place to be told of.
      const after = await readVisit(db, id)
      if (after && after.state !== 'queued') return viewOf(after)
    }
    const own = state === 'calling' ? await callsOfVisit(db, id) : []
    const ringing = own.filter((call) => call.state === 'ringing').length
    const call = state === 'answered' && callId !== null ? await answeredCall(db, callId) : undefined
    const standing = `${state} ${position ?? 0} ${ringing}`
    return { id, state, position, ringing, room: call ? roomFor(call) : null, standing }
  }

  /** How a visit stands, once what is to be done about it now is done. */
  const look = async (id: string): Promise<VisitView | undefined> => {
    const visit = await readVisit(db, id)
    if (!visit) return undefined
    if (visit.endedAt === null && (await advance(visit))) {
      const after = await readVisit(db, id)
      return after && viewOf(after)
    }
    return viewOf(visit)
  }

  /** Nobody waits in the room of a visit for whoever has hung up. Said again it changes nothing. */
  const hangUpInRoom = async (id: string) => {
    const visit = await readVisit(db, id)
    if (visit?.state !== 'answered' || visit.callId === null) return
    const call = await answeredCall(db, visit.callId)
    if (call) await hangUp(call)
  }

  const waitForNews = async (id: string, seen: string | null, signal: AbortSignal) => {
    let wake = () => {}
    const leave = bus.subscribe(visitSubject(id), () => {
      wake()
      return undefined
    })
    const until = performance.now() + placeTiming.holdFor
    try {
      for (;;) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve
        })
        const view = await look(id)
        const left = until - performance.now()
        if (!view || view.standing !== seen || left <= 0 || signal.aborted) return view
        const ended = new AbortController()
        const stop = AbortSignal.any([signal, ended.signal])
        const pause = delay(Math.min(left, lookEvery), undefined, { signal: stop }).catch(() => {})
        await Promise.race([woken, pause])
        ended.abort()
      }
    } finally {
      leave()
    }
  }

  const sweep = async () => {
    try {
      const now = await time.now()
      await shortenLeases(db, now)
      for (const id of await lapsedVisits(db, now)) await finish(id, 'left')
      time.swept(now)
    } catch (error) {
      time.failed('sweep')
      throw error
    }
    for (const id of await blockedVisits(db)) await finish(id, 'declined')
    for (const id of await strayCalls(db)) await calls.cancel(id)
  }

  /** The page is there. @returns whether its visit goes on. */
  const renew = async (id: string): Promise<boolean> => {
    try {
      const goesOn = await renewVisit(db, id, await time.now())
      if (goesOn) time.renewed()
      return goesOn
    } catch (error) {
      time.failed('renewal')
      throw error
    }
  }
  const sweeping = everyOneAtATime(clock, sweepEvery, sweep)

  const begun = async (id: string): Promise<BegunVisit> => {
    const visit = await look(id)
    if (!visit) throw new Error('a visit that was just there is gone')
    return { kind: 'visiting', secret: keyedHash(secret, secretPurpose, id), visit }
  }

  return {
    async again(placeId, key) {
      const row = await visitByKey(db, placeId, hashOf(key))
      if (!row) return undefined
      // Where the lease is over that stays so, and is told.
      await renew(row.id)
      return begun(row.id)
    },
    async begin({ place, light }, { name, key, networks }) {
      if (light.state === 'closed' || light.state === 'unknown') return { kind: 'not-now', light }
      // Whoever sends the key is told the secret: so no more of it is kept than by what it is known again.
      const kept = { placeId: place.id, key: hashOf(key), name, ...networks }
      const inserted = await insertVisit(db, kept, await time.now())
      if (inserted.kind === 'full') return { kind: 'full', light }
      if (inserted.kind === 'too-many' || inserted.kind === 'blocked') return inserted
      const { id } = inserted.row
      if (inserted.kind === 'written') log.info({ visit: id, place: place.slug }, 'a visitor calls')
      return begun(id)
    },
    isVisitor: (id, given) => isKeyedHash(secret, secretPurpose, id, given),
    async wait(id, seen, signal) {
      if (!(await renew(id))) return look(id)
      // Whoever asks again has given up asking before.
      waiting.get(id)?.abort()
      const own = new AbortController()
      waiting.set(id, own)
      try {
        return await waitForNews(id, seen, AbortSignal.any([signal, own.signal]))
      } finally {
        if (waiting.get(id) === own) waiting.delete(id)
      }
    },
    async end(id, hasHungUp) {
      await finish(id, 'cancelled')
      if (hasHungUp) await hangUpInRoom(id)
      return look(id)
    },
    onDeclined(ids) {
      for (const id of ids) void afterEnd(id, 'declined')
    },
    onCallOver(id, call) {
      const settle = async () => {
        const visit = await readVisit(db, id)
        if (visit?.state === 'answered' && visit.callId === call) {
          log.info({ visit: id, call, state: 'answered' }, 'a visit is over')
          counts.ended('answered')
        }
        if (visit?.endedAt !== null) await stopCalls(id)
        publish(id)
      }
      settle().catch(tellFailed(id, 'what rings for a visit that is over could not be ended yet'))
    },
    tick() {
      time.tick()
      sweeping().catch((err) => log.error({ err }, 'visits could not be looked at'))
    },
  }
}
