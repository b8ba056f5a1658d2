import { expect, test } from 'vitest'
import type { RoomOther, RoomServerMessage, RoomSignal } from '../../../protocol/room.ts'
import type { Instant } from '../../../web/room/clocks.ts'
import {
  atDoor,
  callAge,
  freshFor,
  isReached,
  isStale,
  isUnanswered,
  mostHeld,
  otherHere,
  phaseOf,
  type Room,
  type RoomEffect,
  type RoomEvent,
  reduceRoom,
  shown,
} from '../../../web/room/room-reducer.ts'
import { welcomeMessage } from './fake-socket.ts'

const start: Instant = { mono: 5_000, wall: 1_700_000_000_000 }
const later = (milliseconds: number, from = start): Instant => ({
  mono: from.mono + milliseconds,
  wall: from.wall + milliseconds,
})

const joined = { joined: true, muted: false, camera: true, sharing: false }
const atTheDoor = { joined: false, muted: false, camera: false, sharing: false }

const here = (more: Partial<RoomOther> = {}): RoomOther => ({
  state: joined,
  leftMs: 6_000,
  connection: 1,
  ...more,
})

type Welcome = Extract<RoomServerMessage, { type: 'welcome' }>

/** A room that has lived through these, one after the other, at one moment. */
function live(events: readonly RoomEvent[], from: Room = atDoor, now = start) {
  let room = from
  let effects: readonly RoomEffect[] = []
  for (const event of events) ({ room, effects } = reduceRoom(room, event, now))
  return { room, effects, types: effects.map(({ type }) => type) }
}

const welcome = (more: Partial<Welcome> = {}, sentAt = start): RoomEvent => ({
  type: 'welcome',
  message: { ...welcomeMessage, ...more },
  sentAt,
  said: atTheDoor,
})

const other = (more: Partial<Extract<RoomServerMessage, { type: 'other' }>> = {}): RoomEvent => ({
  type: 'told',
  message: { type: 'other', epoch: 2, here: here(), why: null, ...more },
})

const join: readonly RoomEvent[] = [{ type: 'join' }, { type: 'captured' }]
const signal: RoomSignal = { description: { type: 'offer', sdp: 'v=0' }, offer: 1 }
const signalled = (epoch: number): RoomEvent => ({ type: 'told', message: { type: 'signal', epoch, signal } })

test('RM10.1 a page that only looks has nothing captured, shows nothing, and meets nobody', () => {
  const { room, types } = live([welcome({ other: here() })])
  expect(types).toEqual(['keep-seat'])
  expect(phaseOf(room, start)).toEqual({ kind: 'lobby' })
  expect(shown(room)).toEqual(atTheDoor)
  // What is tried out is not shown.
  const tried = live([{ type: 'media', muted: false, camera: true, sharing: false }], room)
  expect([tried.types, shown(tried.room)]).toEqual([[], atTheDoor])
  expect(live([signalled(2)], room).types).toEqual([])
})

test('RM10.1 RM11.1 Join asks for devices, then says so, and meets whoever has joined', () => {
  const looking = live([welcome({ other: here() })]).room
  const asked = live([{ type: 'join' }], looking)
  expect([asked.types, phaseOf(asked.room, start)]).toEqual([['capture'], { kind: 'joining' }])
  expect(live([{ type: 'join' }], asked.room).types).toEqual([])
  const { room, effects } = live([{ type: 'captured' }], asked.room)
  expect(effects).toEqual([
    {
      type: 'send',
      message: { type: 'state', state: { joined: true, muted: false, camera: false, sharing: false } },
    },
    { type: 'meet', epoch: 2, polite: false, ice: expect.anything(), relayOnly: false },
  ])
  expect(phaseOf(room, start)).toEqual({ kind: 'meeting', way: 'connecting' })
})

test('RM11.1 the other one is met once they join, and what they said before there was a connection is heard then', () => {
  const alone = live([welcome(), ...join]).room
  expect(phaseOf(alone, start)).toEqual({ kind: 'waiting', for: 'first' })
  const door = live([other({ here: here({ state: atTheDoor }) })], alone)
  expect(door.types).toEqual([])
  expect(phaseOf(door.room, start)).toEqual({ kind: 'waiting', for: 'door' })
  const held = live([signalled(2)], door.room)
  expect(held.types).toEqual([])
  expect(live([other()], held.room).types).toEqual(['meet', 'hear'])
  // Another meeting has begun meanwhile: what was said belongs to none.
  expect(live([other({ epoch: 3 })], held.room).types).toEqual(['meet'])
})

test('RM11.1 another page of the other one is another meeting, with another connection, and what is late of the former one is dropped', () => {
  const meeting = live([welcome({ other: here() }), ...join]).room
  expect(live([signalled(2)], meeting).types).toEqual(['hear'])
  const { room, types } = live([other({ epoch: 3, here: here({ connection: 2 }) })], meeting)
  expect(types).toEqual(['part', 'meet'])
  expect(live([signalled(2)], room).types).toEqual([])
  expect(live([other({ epoch: 2, here: null, why: 'left' })], room).types).toEqual([])
  expect(live([signalled(3)], room).types).toEqual(['hear'])
  expect(live([{ type: 'way', epoch: 2, way: 'mending' }], room).room.way).toBe('connecting')
})

test('RM11.1 a connection to the server that is made again, on either side, keeps the meeting, and has what may be lost said again', () => {
  const meeting = live([welcome({ other: here() }), ...join]).room
  expect(live([other({ here: here({ connection: 5 }) })], meeting).effects).toEqual([
    { type: 'resume', own: false },
  ])
  const lost = live([{ type: 'lost' }], meeting)
  expect(lost.types).toEqual([])
  const back = live([{ ...welcome({ other: here() }), said: shown(lost.room) } as RoomEvent], lost.room)
  expect(back.effects).toEqual([
    { type: 'keep-seat', side: 'caller', seat: welcomeMessage.seat },
    { type: 'resume', own: true },
  ])
})

test('RM11.1 who has left is parted from, and nothing that is only not heard of', () => {
  const meeting = live([welcome({ other: here() }), ...join]).room
  const silent = live([other({ here: null, why: 'silent' })], meeting)
  expect(silent.types).toEqual([])
  expect(phaseOf(silent.room, start)).toEqual({ kind: 'waiting', for: 'silent' })
  const left = live([other({ here: null, why: 'left' })], silent.room)
  expect(left.types).toEqual(['part'])
  expect(phaseOf(left.room, start)).toEqual({ kind: 'waiting', for: 'left' })
})

test('RM11.1 who is back in a meeting that they had left meets this page in another one: its connection is gone here', () => {
  const meeting = live([welcome({ other: here() }), ...join]).room
  const left = live([other({ here: null, why: 'left' })], meeting).room
  const back = live([other({ here: here({ connection: 2 }) })], left)
  expect(back.types).toEqual(['begin-again'])
  const proven = { type: 'proven', sentAt: start, otherLeftMs: 6_000 } as const
  expect(live([proven, signalled(2)], back.room).types).toEqual([])
  const anew = live(
    [{ ...welcome({ epoch: 3, other: here() }), said: shown(back.room) } as RoomEvent],
    back.room,
  )
  expect(anew.types).toEqual(['keep-seat', 'meet'])
})

test('RM11.1 a page that begins again has no connection of any meeting, whatever the server counted', () => {
  const left = live([other({ epoch: 3, here: null, why: 'left' })], live([welcome(), ...join]).room).room
  const counted = live([{ ...welcome({ other: here() }), said: shown(left) } as RoomEvent], left)
  expect(counted.types).toEqual(['keep-seat', 'meet'])
  const back = live(
    [{ ...welcome({ epoch: 3, other: here() }), said: shown(left) } as RoomEvent],
    counted.room,
  )
  expect([back.types, back.room.meeting]).toEqual([['keep-seat', 'part', 'begin-again'], null])
})

test('RM12.1 the other one is here while their lease and one’s own are proven, and sound and picture are a proof of their own', () => {
  const { room } = live([welcome({ other: here() }), ...join])
  expect(otherHere(room, later(5_999))).toEqual(joined)
  expect(otherHere(room, later(6_000))).toBeNull()
  expect(phaseOf(room, later(6_000))).toEqual({ kind: 'waiting', for: 'server' })
  // A wall clock that leapt is believed as well: the machine may have slept.
  expect(otherHere(room, { mono: start.mono + 1, wall: start.wall + 7_000 })).toBeNull()

  const proven = live([{ type: 'proven', sentAt: later(4_000), otherLeftMs: 3_000 }], room, later(4_100)).room
  expect(otherHere(proven, later(6_999))).toEqual(joined)
  expect(otherHere(proven, later(7_000))).toBeNull()
  expect(phaseOf(proven, later(7_000))).toEqual({ kind: 'waiting', for: 'silent' })
  const gone = live([{ type: 'proven', sentAt: later(8_000), otherLeftMs: null }], proven, later(8_100)).room
  expect(phaseOf(gone, later(8_100))).toEqual({ kind: 'waiting', for: 'silent' })

  const met = { kind: 'meeting', way: 'connected' }
  const heard = live([{ type: 'way', epoch: 2, way: 'connected' }], room, later(10_000)).room
  expect(phaseOf(heard, later(15_999))).toEqual(met)
  expect(phaseOf(heard, later(16_000))).toEqual({ kind: 'waiting', for: 'server' })
  const more = live([{ type: 'arrived' }], heard, later(15_000)).room
  expect(phaseOf(more, later(20_999))).toEqual(met)
  // A browser says for seconds after a sleep that the way is there.
  const woken = { mono: later(15_001).mono, wall: later(3_600_000).wall }
  expect(phaseOf(more, woken)).toEqual({ kind: 'waiting', for: 'server' })
})

test('RM12.1 of whoever was here, and of whom nobody says anything any more, nothing is heard', () => {
  const { room } = live([welcome({ other: here() }), ...join, other({ epoch: 3, here: null })])
  expect(phaseOf(room, start)).toEqual({ kind: 'waiting', for: 'silent' })
  const never = live([welcome(), ...join, other({ epoch: 3, here: null })]).room
  expect(phaseOf(never, start)).toEqual({ kind: 'waiting', for: 'first' })
})

test('RM11.1 credentials that are about to end are asked for anew before they are used, once', () => {
  const old = { servers: [], goodFor: 600_000 }
  const looking = live([welcome({ ice: old, other: here() })]).room
  const late = later(595_000)
  const asked = live(join, looking, late)
  expect(asked.effects.at(-1)).toEqual({ type: 'send', message: { type: 'ice' } })
  expect(live([other()], asked.room, late).types).toEqual([])
  const fresh = live([{ type: 'told', message: { type: 'ice', ice: old } }], asked.room, late)
  expect(fresh.types).toEqual(['meet'])
  expect(live([{ type: 'told', message: { type: 'ice', ice: old } }], fresh.room, late).types).toEqual([
    'use-servers',
  ])
})

test.each([
  ['hungUp', { type: 'told', message: { type: 'ended', why: 'hungUp' } }, true],
  ['otherHungUp', { type: 'told', message: { type: 'ended', why: 'otherHungUp' } }, true],
  ['over', { type: 'told', message: { type: 'ended', why: 'over' } }, true],
  ['replaced', { type: 'told', message: { type: 'replaced' } }, false],
  ['elsewhere', { type: 'told', message: { type: 'refused', why: 'elsewhere' } }, false],
  ['ticket', { type: 'told', message: { type: 'refused', why: 'ticket' } }, true],
  ['trouble', { type: 'shut' }, false],
] as const)(
  'RM12.4 it ends as %s: all stops, and only a seat that is nobody’s any more is forgotten',
  (why, event, forgets) => {
    const meeting = live([welcome({ other: here() }), ...join]).room
    const { room, types } = live([event], meeting)
    expect(phaseOf(room, start)).toEqual({ kind: 'ended', why })
    expect(types).toEqual(['part', 'stop-media', ...(forgets ? ['forget-seat'] : []), 'leave'])
    for (const after of [...join, welcome(), other(), signalled(2), { type: 'hang-up' } as const])
      expect(live([after], room).room).toBe(room)
    // What was asked for before has come: it stops too.
    expect(live([{ type: 'captured' }], room).types).toEqual(['stop-media'])
  },
)

test('RM12.4 who hangs up while the server does not answer is out at once, and it is said as soon as it can be', () => {
  const meeting = live([welcome({ other: here() }), ...join]).room
  const at = live([{ type: 'hang-up' }], meeting)
  expect(at.types).toEqual(['part', 'stop-media', 'forget-seat', 'send'])
  expect(live([{ type: 'told', message: { type: 'ended', why: 'hungUp' } }], at.room).types).toEqual([
    'leave',
  ])

  // Until the server knows it, the other one is told of nobody who is in.
  expect(shown(at.room)).toEqual(atTheDoor)
  const lost = live([{ type: 'lost' }, { type: 'hang-up' }], meeting)
  expect(lost.types).toEqual(['part', 'stop-media', 'forget-seat'])
  expect(lost.room.unsaid).toEqual(start)
  const said = live([welcome()], lost.room)
  expect(said.effects).toEqual([{ type: 'send', message: { type: 'hangUp' } }])
  const known = live([{ type: 'told', message: { type: 'ended', why: 'hungUp' } }], said.room)
  expect([known.types, known.room.unsaid]).toEqual([['leave'], null])
})

test('RM13.1 what is muted, switched or shared is said to the other one once, and again after a connection that did not say it', () => {
  const meeting = live([welcome({ other: here() }), ...join]).room
  const muted = { type: 'media', muted: true, camera: false, sharing: true } as const
  const { room, effects } = live([muted], meeting)
  const state = { joined: true, muted: true, camera: false, sharing: true }
  expect(effects).toEqual([{ type: 'send', message: { type: 'state', state } }])
  expect(live([muted], room).effects).toEqual([])
  const unsaid = live([{ type: 'lost' }, muted], meeting).room
  expect(live([{ ...welcome({ other: here() }), said: joined } as RoomEvent], unsaid).effects).toContainEqual(
    {
      type: 'send',
      message: { type: 'state', state },
    },
  )
})

test.each(['muted', 'camera', 'sharing'] as const)('RM13.1 a change of %s alone is told', (what) => {
  const before = { muted: false, camera: false, sharing: false }
  const meeting = live([welcome({ other: here() }), ...join, { type: 'media', ...before }]).room
  const { effects } = live([{ type: 'media', ...before, [what]: true }], meeting)
  const state = { joined: true, ...before, [what]: true }
  expect(effects).toEqual([{ type: 'send', message: { type: 'state', state } }])
})

test('RM12.1 a beat makes nobody be here of whom nothing was said, and takes away who is gone by it', () => {
  const alone = live([welcome(), ...join, { type: 'proven', sentAt: start, otherLeftMs: 6_000 }]).room
  expect([otherHere(alone, start), phaseOf(alone, start)]).toEqual([null, { kind: 'waiting', for: 'first' }])
  const both = live([welcome({ other: here() }), ...join]).room
  const gone = live([{ type: 'proven', sentAt: start, otherLeftMs: null }], both).room
  expect([otherHere(gone, start), phaseOf(gone, start)]).toEqual([null, { kind: 'waiting', for: 'silent' }])
})

test('RM12.4 hanging up is said by its name, and whatever else ends the room meanwhile ends the waiting for it', () => {
  const meeting = live([welcome({ other: here() }), ...join]).room
  expect(live([{ type: 'hang-up' }], meeting).effects.at(-1)).toEqual({
    type: 'send',
    message: { type: 'hangUp' },
  })
  const unsaid = live([{ type: 'lost' }, { type: 'hang-up' }], meeting).room
  expect(live([other()], unsaid).room.unsaid).toEqual(start)
  expect(live([{ type: 'shut' }], unsaid).room).toEqual({ ...unsaid, unsaid: null })
  for (const message of [{ type: 'replaced' }, { type: 'refused', why: 'over' }] as const)
    expect(live([{ type: 'told', message }], unsaid)).toMatchObject({
      room: { unsaid: null },
      types: ['leave'],
    })
})

test('RM12.4 a server that is asked to end the room has two seconds before it is said not to answer, and none where the way to it was lost', () => {
  const meeting = live([welcome({ other: here() }), ...join]).room
  expect(isUnanswered(meeting, later(60_000))).toBe(false)
  const hungUp = live([{ type: 'hang-up' }], meeting).room
  expect([0, 1_999, 2_000].map((ms) => isUnanswered(hungUp, later(ms)))).toEqual([false, false, true])
  const known = live([{ type: 'told', message: { type: 'ended', why: 'hungUp' } }], hungUp).room
  expect(isUnanswered(known, later(60_000))).toBe(false)
  expect(isUnanswered(live([{ type: 'lost' }, { type: 'hang-up' }], meeting).room, start)).toBe(true)
  // Whoever was not let in yet is waiting for the first answer.
  const early = live([{ type: 'hang-up' }]).room
  expect([0, 2_000].map((ms) => isUnanswered(early, later(ms)))).toEqual([false, true])
})

test('RM11.1 a connection that came to nothing has the page begin again, and one of a former meeting does not', () => {
  const meeting = live([welcome({ other: here() }), ...join]).room
  expect(live([{ type: 'broken', epoch: 2 }], meeting).types).toEqual(['begin-again'])
  expect(live([{ type: 'broken', epoch: 1 }], meeting).types).toEqual([])
})

test('RM13.4 how long ago the call was answered is counted from the first welcome, by whichever clock says more', () => {
  const { room } = live([welcome()])
  expect(callAge(atDoor, start)).toBeNull()
  expect(callAge(room, later(1_000))).toBe(6_000)
  expect(callAge(room, { mono: start.mono + 1_000, wall: start.wall + 61_000 })).toBe(66_000)
  const again = live([welcome({ call: { startedAt: 0, agoMs: 99_000 } })], room, later(3_000)).room
  expect(callAge(again, later(3_000))).toBe(8_000)
})

test('RM11.1 credentials are stale a minute before they end, or half their time where they are good for less', () => {
  const stale = (goodFor: number | null, after: number) =>
    isStale({ servers: [], goodFor, at: start }, later(after))
  expect(stale(null, 1e9)).toBe(false)
  for (const [goodFor, fresh] of [
    [600_000, freshFor],
    [60_000, 30_000],
  ] as const)
    expect([stale(goodFor, goodFor - fresh), stale(goodFor, goodFor - fresh + 1)]).toEqual([false, true])
})

test('RM10.2 what comes by the way proves the other one for six seconds, in a meeting and by a way that works', () => {
  const met = live([welcome({ other: here() }), ...join]).room
  const { room } = live([{ type: 'way', epoch: 2, way: 'connected' }], met)
  expect([isReached(met, start), isReached(room, start)]).toEqual([false, true])
  expect([isReached(room, later(5_999)), isReached(room, later(6_000))]).toEqual([true, false])
  expect(isReached(live([{ type: 'arrived' }], room, later(4_000)).room, later(9_000))).toBe(true)
  for (const less of [{ meeting: null }, { way: 'mending' }, { arrived: null }] as const)
    expect(isReached({ ...room, ...less }, start), JSON.stringify(less)).toBe(false)
  expect(isReached(atDoor, start)).toBe(false)
})

test('RM2.2 a newer connection of the same page goes on with the meeting, and what is said of it again does not', () => {
  const { room } = live([welcome({ other: here() }), ...join])
  expect(live([other()], room).types).toEqual([])
  const anew = live([other({ here: here({ connection: 2 }) })], room)
  expect(anew.effects).toContainEqual({ type: 'resume', own: false })
  // Whoever comes where nobody was, too.
  const alone = live([other({ here: null, why: 'silent' })], room).room
  expect(live([other()], alone).effects).toContainEqual({ type: 'resume', own: false })
  // As old as the last beat that was answered, and before one was, as now.
  expect(otherHere(live([other()], { ...room, proof: null, other: null }).room, later(1))).toBeNull()
  expect(live([other()], { ...room, proof: null, other: null }, later(50)).room.other?.from).toEqual(
    later(50),
  )
  const beaten = live([{ type: 'proven', sentAt: later(2_000), otherLeftMs: 6_000 }], room, later(2_100)).room
  expect(live([other()], beaten, later(3_000)).room.other?.from).toEqual(later(2_000))
})

test('RM11.1 before Join nothing that is said for a meeting is held, after it a bounded number, and after the end none', () => {
  const looking = live([welcome()]).room
  expect(live([signalled(2)], looking).room.held).toEqual([])
  const waiting = live([welcome(), ...join]).room
  const full = live(
    Array.from({ length: mostHeld + 5 }, () => signalled(2)),
    waiting,
  ).room
  expect(full.held).toHaveLength(mostHeld)
  const ended = live([{ type: 'told', message: { type: 'ended', why: 'over' } }], full)
  expect([ended.room.held, ended.room.end]).toEqual([[], 'over'])
  expect(ended.effects).toEqual([{ type: 'stop-media' }, { type: 'forget-seat' }, { type: 'leave' }])
  const met = live([other()], full).room
  expect(met.held).toEqual([])
})

test('RM10.1 at the door nothing is known, nobody is met, and nothing of the end is said of before', () => {
  expect(atDoor).toMatchObject({
    ...{ isOpen: false, polite: false, isMet: false, beginsAgain: false, asksForServers: false },
    ...{ relayOnly: false, way: 'connecting', held: [] },
  })
  // Devices that come unasked are no Join.
  expect(live([welcome(), { type: 'captured' }]).room.joining).toBe('lobby')
  const lost = live([welcome(), { type: 'lost' }]).room
  expect([lost.isOpen, lost.asksForServers]).toEqual([false, false])
  const asking = live([{ type: 'told', message: { type: 'ice', ice: welcomeMessage.ice } }], {
    ...lost,
    asksForServers: true,
  }).room
  expect(asking.asksForServers).toBe(false)
  // A welcome after which nobody says more of whoever was here.
  const { room } = live([welcome({ other: here() }), welcome()])
  expect(room.gone).toBe('silent')
  expect(live([welcome(), welcome()]).room.gone).toBeNull()
  // Nor a beat whose answer says nothing of them.
  const beaten = live(
    [{ type: 'proven', sentAt: later(2_000), otherLeftMs: null }],
    live([welcome({ other: here() })]).room,
  )
  expect([beaten.room.other, beaten.room.gone]).toEqual([null, 'silent'])
})

test('RM12.4 what is captured after the end stops, as what is switched on does', () => {
  const ended = live([welcome(), { type: 'hang-up' }]).room
  for (const late of [
    { type: 'captured' },
    { type: 'media', muted: false, camera: true, sharing: false },
  ] as const)
    expect(live([late], ended).types, late.type).toEqual(['stop-media'])
  const over: RoomEvent = { type: 'told', message: { type: 'ended', why: 'over' } }
  const told = live([welcome(), over]).room
  for (const late of [over, { type: 'arrived' }, { type: 'way', epoch: 2, way: 'connected' }] as const)
    expect(live([late], told), late.type).toMatchObject({ room: told, types: [] })
  // Nor is anything of who has hung up, and whom the server has not heard yet.
  expect(live([{ type: 'arrived' }], ended)).toMatchObject({ room: ended, types: [] })
})
