import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type RoomCloseReason,
  type RoomPageMessage,
  type RoomPageWord,
  type RoomRefusal,
  type RoomServerMessage,
  type RoomSide,
  roomProtocol,
  roomTiming,
} from '../../protocol/room.ts'
import { allReplies, type Bus } from '../bus/bus.ts'
import { onAskedForCall, publishInCall } from '../bus/presence-message.ts'
import type { Clock } from '../clock.ts'
import { createLines } from '../database/lines.ts'
import type { Database } from '../database/tables.ts'
import { every, everyOneAtATime } from '../every.ts'
import { createBuckets } from '../leaky-bucket.ts'
import type { Log } from '../log.ts'
import { iceServers } from './ice-servers.ts'
import type { RoomConfig } from './room-config.ts'
import { type Holder, parseHolder, parseRoomMessage, type RoomMessage, roomSubject } from './room-message.ts'
import {
  endRoom,
  leftByWall,
  type RoomCall,
  readOpenRooms,
  readRoom,
  readSeats,
  type SeatClaim,
  type TakenSeat,
  takeSeat,
} from './room-rows.ts'
import type { RoomKeys } from './room-tickets.ts'
import {
  epochOf,
  otherOf,
  type Seat,
  type SeatEffect,
  type SeatEvent,
  seatReducer,
  unheld,
} from './seat-reducer.ts'

/** The connection of a page of a room. */
export interface RoomConnection {
  /** The room's token, as the address has it. */
  readonly room: string
  readonly open: boolean
  send(message: RoomServerMessage): void
  close(why: RoomCloseReason): void
}

export interface RoomsDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly log: Pick<Log, 'error' | 'info'>
  readonly bus: Bus
  readonly keys: RoomKeys
  readonly config: RoomConfig
  /** Runs a write of which storage may fail. */
  readonly guard: <T>(write: () => Promise<T>) => Promise<T>
  /** By default what pages are told. Ms. */
  readonly leaseFor?: number | undefined
}

/** What became of pages that asked to be let in. */
type HelloOutcome = 'welcomed' | RoomRefusal | 'tooMany' | 'unavailable'

/** How a seat was lost, as its node knows: the page left; its connection was lost, or gone with the bus; or as it was closed. */
type SeatEnd = 'left' | 'lost' | RoomCloseReason

/** Since the start. */
export interface RoomCounts {
  readonly hellos: Readonly<Record<HelloOutcome, number>>
  readonly ends: ReadonlyMap<SeatEnd, number>
  /** How many signals were passed on to pages of this node. */
  readonly signals: number
}

/** A call that was answered. */
export interface RoomOfCall {
  readonly id: string
  /** Its token. */
  readonly room: string
}

/** Who is in which room, by connections of this node. What happens at the other side's comes by the bus. */
export interface Rooms {
  /** Lets a page in or refuses it. @returns whether it was let in. Never rejects. */
  hello(connection: RoomConnection, hello: RoomPageMessage & { type: 'hello' }): Promise<boolean>
  /** Of a connection that was let in. */
  handle(connection: RoomConnection, message: RoomPageWord): void
  /** @param byPage whether the page itself closed it as it left. */
  closed(connection: RoomConnection, byPage: boolean): void
  /** Who has this side of an answered call hangs up, in no page of the room. Nobody comes in after that. Never rejects. */
  hangUp(call: RoomOfCall, side: RoomSide): Promise<void>
  /** Whether both seats of a room are held, at whichever nodes. @throws while the bus is away. */
  isFull(room: string): Promise<boolean>
  /** How many seats are held here, of those who have joined and of those who have not yet. */
  seats(): Readonly<Record<'joined' | 'waiting', number>>
  readonly counts: RoomCounts
  tick(): void
}

/** Whoever has the other seat, at whichever node, has said so by then, in ms. */
const answeredWithin = 250
/** Rooms that ended elsewhere, and seats that others have, of which nobody said so here, are found this often, in ms. */
const lookEvery = 10_000
/** An end is written down by then, in ms, or told before it is. */
const writtenWithin = 500
/** An end that could not be written is written again this often, in ms. */
const writeEvery = 1_000
/** By one ticket, or by the seat of one side, so many come in: more than a page does that is loaded anew again and again. */
const comings = { atOnce: 20, perSecond: 1 }
/** So many seats are written down at once, of different sides, that calls have a connection to the database left; and so many wait for one. */
const seatings = { atOnce: 2, mostWaiting: 20 }

/** A seat that is held here. */
interface Held {
  seat: Seat
  readonly connection: RoomConnection
  readonly call: RoomCall
  /** When its room is over, monotonic ms. */
  readonly endsAt: number
  /** By which those who watch its person tell this lease from others. */
  readonly lease: string
  /** What is to be sent once the page has been welcomed; null after that. */
  waiting: RoomServerMessage[] | null
  onHeard: () => void
  stopHearing: () => void
}

export function openRooms(dependencies: RoomsDependencies): Rooms {
  const { db, clock, log, bus, keys, config, guard, leaseFor = roomTiming.leaseFor } = dependencies
  const held = new Map<RoomConnection, Held>()
  /**
   * By room: when it is over, monotonic ms, as it was when the first page was let in here. Kept until then: a wall clock that
   * is set meanwhile ends no call, and makes none longer.
   */
  const ends = new Map<string, number>()
  /** Calls whose rooms are over, which could not be written yet. */
  const unwritten = new Set<string>()
  /** By call: the end of its room that is being written down at this moment. */
  const ending = new Map<string, Promise<void>>()
  const comingsOf = createBuckets(comings)
  const seating = createLines(seatings)

  const counts = {
    hellos: { welcomed: 0, full: 0, ticket: 0, over: 0, elsewhere: 0, tooMany: 0, unavailable: 0 },
    ends: new Map<SeatEnd, number>(),
    signals: 0,
  }

  const dispatch = (one: Held, event: SeatEvent) => {
    const wasOver = one.seat.isOver
    const [seat, effects] = seatReducer(one.seat, event, { now: clock.monotonic(), leaseFor })
    one.seat = seat
    if (seat.isOver && !wasOver) {
      forget(one)
      const end = endOf(event, effects)
      counts.ends.set(end, (counts.ends.get(end) ?? 0) + 1)
    }
    for (const effect of effects) run(one, effect)
  }

  const run = (one: Held, effect: SeatEffect) => {
    const { connection, call, seat, lease } = one
    switch (effect.kind) {
      case 'send':
        return send(one, effect.message)
      case 'publish':
        return bus.publish(roomSubject(connection.room), effect.message)
      case 'in-call': {
        const person = call.people[seat.side]
        if (person !== null) publishInCall(bus, person, { lease, left: effect.left })
        return
      }
      case 'close':
        return connection.close(effect.why)
    }
  }

  const send = (one: Held, message: RoomServerMessage) => {
    if (message.type === 'signal') counts.signals += 1
    if (!one.waiting || message.type === 'replaced' || message.type === 'ended')
      return one.connection.send(message)
    // How it stands with the other one is in the welcome.
    if (message.type !== 'other') one.waiting.push(message)
  }

  const forget = (one: Held) => {
    one.stopHearing()
    held.delete(one.connection)
  }

  const onRoomMessage = (one: Held, message: RoomMessage) => {
    if (message.kind === 'who')
      return { side: one.seat.side, open: one.endsAt - clock.monotonic() } satisfies Holder
    dispatch(one, { kind: 'heard', message })
    if (message.kind === 'seat' && message.side !== one.seat.side) one.onHeard()
    return undefined
  }

  /**
   * A seat that was written down is held from here on, and the other side is asked for.
   *
   * @returns undefined where its page went before anybody was told of it.
   */
  const hold = async (
    connection: RoomConnection,
    call: RoomCall,
    seat: Seat,
    endsAt: number,
  ): Promise<Held | undefined> => {
    const heard = Promise.withResolvers<void>()
    const one: Held = {
      ...{ seat, connection, call, endsAt, lease: randomUUID(), waiting: [] },
      onHeard: heard.resolve,
      stopHearing: () => {},
    }
    held.set(connection, one)
    ends.set(connection.room, endsAt)
    const stops = [
      bus.subscribe(roomSubject(connection.room), (payload) => onRoomMessage(one, parseRoomMessage(payload))),
    ]
    one.stopHearing = () => {
      for (const stop of stops) stop()
    }
    const person = call.people[seat.side]
    if (person !== null)
      stops.push(onAskedForCall(bus, person, () => run(one, stillInCall(one.seat, clock.monotonic()))))
    await bus.flush()
    if (one.seat.isOver) return undefined
    dispatch(one, { kind: 'seated' })
    // Where no page ever had the other seat there is nobody to wait for.
    if (seat.pages.other > 0)
      await Promise.race([heard.promise, delay(answeredWithin, undefined, { ref: false })])
    return one
  }

  const welcome = (one: Held) => {
    const { connection, call, seat } = one
    const { side } = seat
    const now = clock.wall()
    const other: RoomSide = side === 'caller' ? 'callee' : 'caller'
    connection.send({
      type: 'welcome',
      protocol: roomProtocol,
      side,
      polite: side === 'callee',
      seat: keys.seat(connection.room, side),
      beatMs: Math.round(leaseFor / 3),
      leaseMs: leaseFor,
      epoch: epochOf(seat),
      ice: iceOf(one),
      // Nobody whom anybody can call learns where the other is, nor tells it, where there is another way.
      relayOnly: config.turn !== undefined && (config.turnOnly || call.isVisitors),
      name: call.names[other],
      other: otherOf(seat, clock.monotonic()),
      call: { startedAt: call.answeredAt, agoMs: Math.max(0, now - call.answeredAt) },
    })
    const waiting = one.waiting ?? []
    one.waiting = null
    for (const message of waiting) connection.send(message)
  }

  const iceOf = ({ connection, seat }: Held) =>
    iceServers(config, keys.relayName(connection.room, seat.side), clock.wall())

  const refuse = (connection: RoomConnection, why: RoomRefusal): false => {
    counts.hellos[why] += 1
    connection.send({ type: 'refused', why })
    connection.close('refused')
    return false
  }

  /** It comes again, under the same name. */
  const sendAway = (connection: RoomConnection): false => {
    counts.hellos.unavailable += 1
    connection.close('unavailable')
    return false
  }

  const holdersOf = async (room: string): Promise<Holder[]> => {
    const asked = bus.request(roomSubject(room), { kind: 'who' }, { within: answeredWithin })
    return (await allReplies(asked)).map(parseHolder)
  }

  const isFull = async (room: string): Promise<boolean> =>
    new Set((await holdersOf(room)).map(({ side }) => side)).size === 2

  /** @returns until when a room is open, monotonic ms; undefined where it is over, or there is none. */
  const openUntil = async (room: string): Promise<number | undefined> => {
    const call = await readRoom(db, room)
    if (!call || call.hasEnded) return undefined
    const known = ends.get(room)
    if (known !== undefined) return known > clock.monotonic() ? known : undefined
    const left = leftByWall(call, clock.wall())
    if (left > 0) return clock.monotonic() + left
    // The wall clock may have been set since: whoever is in the room knows better.
    const open = Math.max(0, ...(await holdersOf(room)).map((holder) => holder.open))
    return open > 0 ? clock.monotonic() + open : undefined
  }

  /** A stranger, who may be told at most that there are two already. */
  const refuseStranger = async (connection: RoomConnection): Promise<false> => {
    const { room } = connection
    if ((await openUntil(room)) === undefined) return refuse(connection, 'over')
    return refuse(connection, (await isFull(room)) ? 'full' : 'ticket')
  }

  /** @returns undefined where nobody waits for it any more, and nothing was written. @throws DatabaseBusy */
  const takeInTurn = async (connection: RoomConnection, claim: SeatClaim): Promise<TakenSeat | undefined> => {
    const line = [`${claim.room} ${claim.side}`]
    await seating.take(line)
    try {
      return connection.open ? await guard(() => takeSeat(db, claim)) : undefined
    } finally {
      seating.give(line)
    }
  }

  const letIn = async (
    connection: RoomConnection,
    { by, secret, page, was, state }: RoomPageMessage & { type: 'hello' },
  ): Promise<boolean> => {
    const { room } = connection
    const arrived = clock.monotonic()
    const ticket = by === 'ticket' ? keys.readTicket(room, secret, clock.wall()) : undefined
    const side = by === 'ticket' ? ticket?.side : keys.sideOfSeat(room, secret)
    if (!side) return refuseStranger(connection)
    // Whoever uses a ticket up that others have takes no coming in from those who have a seat.
    if (comingsOf.pour(`${room} ${side} ${ticket?.name ?? ''}`, arrived) > 0) {
      counts.hellos.tooMany += 1
      connection.close('tooMany')
      return false
    }
    const endsAt = await openUntil(room)
    if (endsAt === undefined) return refuse(connection, 'over')
    const claim = { room, side, ticket: ticket?.name, page, was }
    const taken = await takeInTurn(connection, claim)
    if (!taken) return false
    if (taken.kind === 'refused')
      return taken.why === 'ticket' ? refuseStranger(connection) : refuse(connection, taken.why)
    const { call, connection: number, pages, isAnother } = taken
    const seat: Seat = {
      ...{ side, connection: number, pages, state, other: null, newest: 0, isOver: false },
      until: arrived + leaseFor,
    }
    // A page that was gone by then counts as the newest of its side, and whoever hears of none would be in another meeting. Of
    // one that was here before, and has given up but this connection, nothing is another than it was.
    const tellUnheld = () => isAnother && bus.publish(roomSubject(room), unheld(seat))
    if (!connection.open) {
      tellUnheld()
      return false
    }
    // The bus may be lost since the hello came. From here on whoever is held goes with it.
    if (!bus.isConnected) return sendAway(connection)
    const one = await hold(connection, call, seat, endsAt)
    if (!one) {
      tellUnheld()
      return false
    }
    // Who hung up meanwhile was not heard here yet.
    const since = await readRoom(db, room)
    if (!since || since.hasEnded) dispatch(one, { kind: 'ended', why: 'over' })
    if (one.seat.isOver) return false
    welcome(one)
    counts.hellos.welcomed += 1
    log.info({ call: call.id, side }, 'somebody is in the room of a call')
    return true
  }

  const writeEnd = async (callId: string) => {
    try {
      await guard(() => endRoom(db, callId, clock.wall()))
      unwritten.delete(callId)
    } catch (err) {
      unwritten.add(callId)
      log.error({ err, call: callId }, 'that a room is over is written down later')
    }
  }

  /** Both may hang up at once, and one of them may say it again: it is one end, and one write. */
  const endOnce = (callId: string): Promise<void> => {
    const before = ending.get(callId)
    if (before) return before
    const writing = writeEnd(callId).finally(() => ending.delete(callId))
    ending.set(callId, writing)
    return writing
  }

  const hangUp = async ({ id, room }: RoomOfCall, side: RoomSide) => {
    // Whoever hears of it finds it written; but nobody waits for a database to hear that somebody has hung up.
    await Promise.race([endOnce(id), delay(writtenWithin, undefined, { ref: false })])
    bus.publish(roomSubject(room), { kind: 'ended', by: side })
  }

  const hangUpHere = async (one: Held) => {
    const { call, connection, seat } = one
    await hangUp({ id: call.id, room: connection.room }, seat.side)
    if (held.has(connection)) dispatch(one, { kind: 'ended', why: 'hungUp' })
  }

  const look = every(clock, lookEvery, async () => {
    for (const [room, at] of ends) if (at <= clock.monotonic()) ends.delete(room)
    const here = [...held.values()]
    if (here.length === 0) return
    const calls = [...new Set(here.map(({ call }) => call.id))]
    const [open, seats] = await Promise.all([readOpenRooms(db, calls), readSeats(db, calls)])
    for (const one of here) {
      if (!held.has(one.connection)) continue
      if (!open.has(one.call.id)) dispatch(one, { kind: 'ended', why: 'over' })
      const { side, connection } = one.seat
      const newest = seats.find(({ callId, side: of }) => callId === one.call.id && of === side)
      if (!newest || newest.connections <= connection) continue
      // A newer connection of this very page takes nothing from it: either that one tells of itself, or nobody has it.
      if (newest.pages === one.seat.pages.own) continue
      // Whoever wrote it down died before it was told.
      const pages = { ...one.seat.pages, own: newest.pages }
      const message = unheld({ ...one.seat, connection: newest.connections, pages })
      dispatch(one, { kind: 'heard', message })
    }
  })

  const writeAgain = everyOneAtATime(clock, writeEvery, async () => {
    for (const callId of unwritten) await endOnce(callId)
  })

  bus.onConnection((isConnected) => {
    if (isConnected) return
    // What is said from now on nobody hears. Another node may hear, or this one again in a while.
    for (const one of [...held.values()]) {
      dispatch(one, { kind: 'closed', byPage: false })
      one.connection.close('unavailable')
    }
  })

  return {
    async hello(connection, hello) {
      if (hello.protocol !== roomProtocol) {
        connection.close('malformed')
        return false
      }
      if (!bus.isConnected) return sendAway(connection)
      try {
        return await letIn(connection, hello)
      } catch (err) {
        log.error({ err }, 'somebody could not be let into a room yet')
        // Who has shown that they are there has not left, though nobody could look at it: they come again.
        const one = held.get(connection)
        if (one) dispatch(one, { kind: 'closed', byPage: false })
        return sendAway(connection)
      }
    },
    handle(connection, message) {
      const one = held.get(connection)
      if (!one) return
      switch (message.type) {
        case 'beat':
          return dispatch(one, { kind: 'beat', n: message.n })
        case 'state':
          return dispatch(one, { kind: 'state', state: message.state })
        case 'signal':
          return dispatch(one, { kind: 'signal', epoch: message.epoch, signal: message.signal })
        case 'ice':
          return connection.send({ type: 'ice', ice: iceOf(one) })
        case 'hangUp':
          void hangUpHere(one)
      }
    },
    closed(connection, byPage) {
      const one = held.get(connection)
      if (one) dispatch(one, { kind: 'closed', byPage })
    },
    hangUp,
    isFull,
    seats() {
      const joined = [...held.values()].filter(({ seat }) => seat.state.joined).length
      return { joined, waiting: held.size - joined }
    },
    counts,
    tick() {
      const now = clock.monotonic()
      for (const one of [...held.values()]) {
        if (one.endsAt > now) {
          dispatch(one, { kind: 'tick' })
          continue
        }
        dispatch(one, { kind: 'ended', why: 'over' })
        // Where a wall clock was set back, others would count on.
        void endOnce(one.call.id)
      }
      look().catch((err) => log.error({ err }, 'rooms that ended elsewhere are looked for later'))
      void writeAgain()
    },
  }
}

function endOf(event: SeatEvent, effects: readonly SeatEffect[]): SeatEnd {
  const close = effects.find((effect) => effect.kind === 'close')
  if (close) return close.why
  return event.kind === 'closed' && event.byPage ? 'left' : 'lost'
}

const stillInCall = ({ isOver, until }: Seat, now: number): SeatEffect => ({
  kind: 'in-call',
  left: isOver ? 0 : Math.max(0, until - now),
})
