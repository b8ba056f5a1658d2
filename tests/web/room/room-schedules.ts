import fc from 'fast-check'
import type { RoomIce, RoomServerMessage, RoomSignal, RoomState } from '../../../protocol/room.ts'
import type { Instant } from '../../../web/room/clocks.ts'
import {
  atDoor,
  isProven,
  otherHere,
  phaseOf,
  type Room,
  type RoomEffect,
  type RoomEvent,
  reduceRoom,
  shown,
} from '../../../web/room/room-reducer.ts'

type Welcome = Extract<RoomServerMessage, { type: 'welcome' }>

const state: fc.Arbitrary<RoomState> = fc.record({
  joined: fc.boolean(),
  muted: fc.boolean(),
  camera: fc.boolean(),
  sharing: fc.boolean(),
})

const here = fc.record({ state, leftMs: fc.constantFrom(0, 500, 6_000), connection: fc.nat(3) })

const epoch = fc.nat(3)

const ice = fc.record({
  servers: fc.constant<RoomIce['servers']>([{ urls: ['turn:relay.example'] }]),
  goodFor: fc.constantFrom(null, 1_000, 600_000),
})

const signal: RoomSignal = { description: { type: 'offer', sdp: 'v=0' }, offer: 1 }

const told: fc.Arbitrary<Extract<RoomEvent, { type: 'told' }>['message']> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant('other' as const), epoch, here, why: fc.constant(null) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('other' as const),
      epoch,
      here: fc.constant(null),
      why: fc.constantFrom('left' as const, 'silent' as const),
    }),
  },
  { weight: 6, arbitrary: epoch.map((at) => ({ type: 'signal' as const, epoch: at, signal })) },
  { weight: 3, arbitrary: ice.map((fresh) => ({ type: 'ice' as const, ice: fresh })) },
  { weight: 1, arbitrary: fc.constantFrom({ type: 'replaced' as const }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('hungUp' as const, 'otherHungUp' as const, 'over' as const)
      .map((why) => ({ type: 'ended' as const, why })),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'refused' as const, why: 'elsewhere' as const }) },
)

const welcome = fc
  .record({ epoch, ice, other: fc.option(here), relayOnly: fc.boolean(), polite: fc.boolean() })
  .map(
    (varies): Welcome => ({
      ...varies,
      ...{ type: 'welcome', protocol: 1, side: varies.polite ? 'callee' : 'caller', seat: 'a'.repeat(32) },
      ...{ beatMs: 2_000, leaseMs: 6_000, name: 'Ben Sample', call: { startedAt: 0, agoMs: 1_000 } },
    }),
  )

/** Something that happens, or time that passes; moments before now are told by how long ago they were. */
type Doing =
  | { readonly kind: 'event'; readonly make: (now: Instant, room: Room) => RoomEvent }
  | { readonly kind: 'pass'; readonly milliseconds: number }

const event = (arbitrary: fc.Arbitrary<(now: Instant, room: Room) => RoomEvent>): fc.Arbitrary<Doing> =>
  arbitrary.map((make) => ({ kind: 'event', make }))

const ago = ({ mono, wall }: Instant, milliseconds: number): Instant => ({
  mono: mono - milliseconds,
  wall: wall - milliseconds,
})

const doing: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 6, arbitrary: event(told.map((message) => () => ({ type: 'told', message }))) },
  {
    weight: 3,
    arbitrary: event(
      fc.tuple(welcome, fc.nat(2_000)).map(([message, since]) => (now, room) => ({
        type: 'welcome',
        message,
        sentAt: ago(now, since),
        said: shown(room),
      })),
    ),
  },
  {
    weight: 3,
    arbitrary: event(
      fc.tuple(fc.nat(3_000), fc.option(fc.nat(6_000))).map(([since, otherLeftMs]) => (now) => ({
        type: 'proven',
        sentAt: ago(now, since),
        otherLeftMs,
      })),
    ),
  },
  {
    weight: 4,
    arbitrary: event(
      fc
        .constantFrom<RoomEvent>(
          { type: 'join' },
          { type: 'join' },
          { type: 'captured' },
          { type: 'captured' },
          { type: 'lost' },
          { type: 'media', muted: true, camera: false, sharing: false },
          { type: 'media', muted: false, camera: true, sharing: true },
        )
        .map((one) => () => one),
    ),
  },
  {
    weight: 2,
    arbitrary: event(
      fc.tuple(epoch, fc.constantFrom('connected' as const, 'mending' as const), fc.nat(9)).map(
        ([at, way, breaks]) =>
          () =>
            breaks === 0 ? { type: 'broken', epoch: at } : { type: 'way', epoch: at, way },
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: event(
      fc
        .constantFrom<RoomEvent>({ type: 'hang-up' }, { type: 'shut' }, { type: 'lost' })
        .map((one) => () => one),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(100, 3_000, 7_000, 700_000)
      .map((ms) => ({ kind: 'pass' as const, milliseconds: ms })),
  },
)

export const roomSchedules = fc.array(doing, { maxLength: 60, size: 'max' })

/** What carries out what the reducer decides, and looks whether it may. */
function carrier() {
  const faults: string[] = []
  let connection: number | null = null
  let isLeft = false
  let isStopped = false
  let hasJoined = false
  let isCapturing = false
  const fault = (what: string) => void faults.push(what)
  return {
    faults,
    connection: () => connection,
    isStopped: () => isStopped,
    pressed: (happened: RoomEvent) => {
      if (happened.type === 'join') hasJoined = true
      if (happened.type === 'captured') isCapturing = false
    },
    carryOut: (effect: RoomEffect, room: Room) => {
      if (isLeft && effect.type !== 'stop-media') fault(`${effect.type} after leaving`)
      switch (effect.type) {
        case 'capture':
          if (!hasJoined) fault('captured before Join')
          if (isCapturing) fault('captured twice at once')
          isCapturing = true
          return
        case 'meet':
          if (connection !== null) fault('two connections at once')
          if (room.joining !== 'joined') fault('met before Join')
          connection = effect.epoch
          return
        case 'part':
          if (connection === null) fault('parted from nobody')
          connection = null
          return
        case 'hear':
        case 'resume':
        case 'use-servers':
          if (connection !== room.epoch && connection !== room.meeting)
            fault(`${effect.type} of no connection`)
          return
        case 'send':
          if (effect.message.type === 'state' && effect.message.state.joined !== (room.joining === 'joined'))
            fault('said to have joined')
          return
        case 'stop-media':
          isStopped = true
          return
        case 'leave':
          isLeft = true
          return
      }
    },
  }
}

/** @returns what is wrong at any moment of a page that lives through this; nothing, as is hoped. */
export function roomFaults(schedule: readonly Doing[]): readonly string[] {
  let now: Instant = { mono: 1_000_000, wall: 1_700_000_000_000 }
  let room: Room = atDoor
  const carried = carrier()
  const { faults } = carried
  for (const what of schedule) {
    if (what.kind === 'pass') {
      now = ago(now, -what.milliseconds)
    } else {
      const before = room
      const happened = what.make(now, room)
      carried.pressed(happened)
      const step = reduceRoom(room, happened, now)
      room = step.room
      for (const effect of step.effects) carried.carryOut(effect, room)
      if (before.end !== null && room.end !== before.end) faults.push('ended twice')
    }
    faults.push(...look(room, now, carried))
  }
  return faults
}

function look(
  room: Room,
  now: Instant,
  { connection, isStopped }: ReturnType<typeof carrier>,
): readonly string[] {
  const phase = phaseOf(room, now)
  const found: string[] = []
  if (connection() !== room.meeting) found.push('another connection than it believes')
  if (room.meeting !== null && room.meeting !== room.epoch) found.push('a connection of another meeting')
  if (room.end && (room.meeting !== null || !isStopped())) found.push('goes on after its end')
  if ((phase.kind === 'ended') !== (room.end !== null)) found.push('does not say that it ended')
  if (otherHere(room, now) && !isProven(room, now)) found.push('says without proof that the other is here')
  if (phase.kind === 'meeting' && room.way !== 'connected' && !otherHere(room, now)?.joined)
    found.push('meets somebody of whom nothing is proven')
  const { joined, muted, camera, sharing } = shown(room)
  if (!joined && (muted || camera || sharing)) found.push('shows something before Join')
  if (
    room.joining === 'joined' &&
    room.isMet &&
    !room.beginsAgain &&
    !room.end &&
    room.ice &&
    room.meeting === null &&
    !room.asksForServers &&
    room.isOpen
  )
    found.push('both are in, and there is no connection')
  return found
}
