import { expect, test } from 'vitest'
import { callTo, isCalling } from '../../../entrypoints/background/people/placed-call-reducer.ts'
import { type PlacedCallWorld, placedCallWorld } from './placed-call-world.ts'

/** A device that is connected and proven. */
function connected(): PlacedCallWorld {
  const world = placedCallWorld()
  world.connect()
  world.lease(true)
  return world
}

test('PX4.1 a call is told as the server tells it: placed, ringing, waiting, and how it ended', () => {
  const world = connected()
  const key = world.press()
  expect(world.phase(key)).toEqual({ kind: 'placing' })
  world.deliver()
  expect(world.phase(key)).toEqual({ kind: 'placing' })
  world.callee(key, 'ring')
  world.deliver()
  expect(world.phase(key)).toEqual({ kind: 'ringing', devices: 1 })
  world.pass(5_000)
  world.callee(key, 'lose')
  world.deliver()
  expect(world.phase(key)).toEqual({ kind: 'waiting', until: 1_045_000, hasRung: true })
  world.pass(40_000)
  world.deliver()
  expect(world.phase(key)).toEqual({ kind: 'over', how: 'no-answer', busyUntil: null, reply: null })
})

test('PX4.2 a press ends within 5 s: without a connection the call is said not to have been placed', () => {
  const world = placedCallWorld()
  const key = world.press()
  world.pass(4_600)
  expect(world.phase(key)).toMatchObject({ kind: 'not-placed' })
  expect(isCalling(world.state())).toBe(false)
  // It is not placed later either.
  world.connect()
  world.lease(true)
  world.deliver()
  expect(world.server(key)).toBeUndefined()
})

test('PX4.2 what was asked for and is not answered is unknown within 5 s, and asked for again on the next connection', () => {
  const world = connected()
  const key = world.press()
  world.pass(4_600)
  expect(world.phase(key)).toEqual({ kind: 'unknown' })
  world.disconnect()
  world.connect()
  world.deliver()
  expect(world.phase(key)).toEqual({ kind: 'unknown' })
  world.lease(true)
  world.callee(key, 'ring')
  world.deliver()
  expect(world.phase(key)).toEqual({ kind: 'ringing', devices: 1 })
})

test('PX4.3 without a proven connection nothing is said of a call but that it is unknown', () => {
  const world = connected()
  const key = world.press()
  world.deliver()
  world.callee(key, 'ring')
  world.deliver()
  world.lease(false)
  expect(world.phase(key)).toEqual({ kind: 'unknown' })
  world.lease(true)
  expect(world.phase(key)).toEqual({ kind: 'ringing', devices: 1 })
  world.disconnect()
  expect(world.phase(key)).toEqual({ kind: 'unknown' })
  // What an older connection told is not said on the next one before that has told it.
  world.connect()
  world.lease(true)
  expect(world.phase(key)).toEqual({ kind: 'unknown' })
  world.deliver()
  expect(world.phase(key)).toEqual({ kind: 'ringing', devices: 1 })
})

test('PX4.4 the room of an answered call is opened once, and by a worker that took the call up', () => {
  const world = connected()
  const key = world.press()
  world.deliver()
  world.callee(key, 'ring')
  world.deliver()
  world.callee(key, 'answer')
  world.restart()
  world.connect()
  world.lease(true)
  world.deliver()
  world.deliver()
  expect(world.entered).toEqual([key])
  expect(world.phase(key)).toMatchObject({ kind: 'over', how: 'answered' })
  world.restart()
  world.connect()
  world.lease(true)
  world.deliver()
  expect(world.entered).toEqual([key])
})

test('PX4.4 whoever has waited for so long that nobody sits there any more is led into no room, and not told that it is open', () => {
  const world = connected()
  const key = world.press()
  world.deliver()
  world.callee(key, 'ring')
  world.deliver()
  world.callee(key, 'answer')
  world.disconnect()
  world.pass(200_000)
  world.connect()
  world.lease(true)
  world.deliver()
  expect(world.phase(key)).toMatchObject({ kind: 'over', how: 'room-not-opened' })
  expect(world.entered).toEqual([])
})

/** A call that rings. */
function ringing(): readonly [PlacedCallWorld, string] {
  const world = connected()
  const key = world.press()
  world.deliver()
  world.callee(key, 'ring')
  world.deliver()
  return [world, key]
}

test('PX4.9 the room is said to be open once the browser has opened it, and not where it could not', () => {
  for (const [opens, how] of [
    ['open', 'answered'],
    ['failed', 'room-not-opened'],
    ['dies', 'opening-room'],
  ] as const) {
    const [world, key] = ringing()
    world.opens(opens)
    world.callee(key, 'answer')
    world.deliver()
    expect(world.phase(key)).toMatchObject({ kind: 'over', how })
  }
})

test('PX4.9 of a room whose worker died while it was opened it is said that this is not known', () => {
  const [world, key] = ringing()
  world.opens('dies')
  world.callee(key, 'answer')
  world.deliver()
  world.restart()
  world.connect()
  world.lease(true)
  world.deliver()
  expect(world.phase(key)).toMatchObject({ kind: 'over', how: 'room-unknown' })
  expect(world.entered).toEqual([key])
})

test('PX4.9 a server that names no room that may be opened has opened none', () => {
  const [world, key] = ringing()
  const told = world.server(key)
  if (!told) throw new Error('there is no call')
  for (const room of [null, 'javascript:alert(1)']) {
    const [device, k] = ringing()
    device.tell({ ...told, id: `id-${k}`, key: k, state: 'answered', room, left: 0 })
    expect(device.phase(k)).toMatchObject({ kind: 'over', how: 'answered-without-room' })
  }
})

test('PX4.5 a call that is cancelled is cancelled at the server whenever that can be told, and leads nowhere', () => {
  const world = connected()
  const key = world.press()
  world.deliver()
  world.callee(key, 'ring')
  world.disconnect()
  world.cancel(key)
  expect(world.phase(key)).toEqual({ kind: 'unknown' })
  world.connect()
  world.deliver()
  expect(world.server(key)?.state).toBe('cancelled')
  expect(world.phase(key)).toMatchObject({ kind: 'over', how: 'cancelled' })

  const other = world.press()
  world.deliver()
  world.callee(other, 'ring')
  world.deliver()
  world.callee(other, 'answer')
  world.cancel(other)
  world.deliver()
  expect(world.phase(other)).toMatchObject({ kind: 'over', how: 'room-not-opened' })
  expect(world.entered).toEqual([])
})

test('PX4.5 a call whose id was never heard is cancelled by its key; one that was never asked for is over at once', () => {
  const world = connected()
  const key = world.press()
  world.keep()
  world.cancel(key)
  world.deliver()
  expect(world.cancels).toEqual([key])
  expect(world.server(key)?.state).toBe('cancelled')

  const offline = placedCallWorld()
  const never = offline.press()
  offline.cancel(never)
  expect(offline.phase(never)).toMatchObject({ kind: 'over', how: 'cancelled' })
})

test('PX4.5 a call that is given up while it waits to be kept is over at once, and never asked for', () => {
  const world = connected()
  const key = world.press()
  world.cancel(key)
  expect(world.phase(key)).toMatchObject({ kind: 'over', how: 'cancelled' })
  world.deliver()
  expect(world.asked.has(key)).toBe(false)
  expect(world.cancels).toEqual([])
  // Kept, and without a connection by then, it is over too.
  const other = world.press()
  world.disconnect()
  world.keep()
  world.cancel(other)
  expect(world.phase(other)).toMatchObject({ kind: 'over', how: 'cancelled' })
})

test('PX4.5 a server that does not cancel is told again after 1, 2, 4 and then every 8 s, and at once when the person says so', () => {
  const [world, key] = ringing()
  world.is('refuses')
  world.cancel(key)
  world.deliver()
  const said = [world.cancels.length]
  for (let second = 1; second <= 16; second += 1) {
    world.pass(1_000)
    world.deliver()
    said.push(world.cancels.length)
  }
  expect(said).toEqual([1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5])
  expect(world.phase(key)).toEqual({ kind: 'ringing', devices: 1 })
  world.cancel(key)
  expect(world.cancels).toHaveLength(6)
  world.is('well')
  world.pass(1_000)
  world.deliver()
  expect(world.server(key)?.state).toBe('cancelled')
  expect(world.phase(key)).toMatchObject({ kind: 'over', how: 'cancelled' })
  world.pass(60_000)
  expect(world.cancels).toHaveLength(7)
})

test('PX4.5 what another node writes after it was given up is cancelled as soon as it is told of', () => {
  const world = connected()
  const key = world.press()
  world.is('slow')
  world.deliver()
  world.disconnect()
  world.connect()
  world.lease(true)
  world.cancel(key)
  // There is no such call, for all that this node knows.
  for (let second = 0; second < 8; second += 1) {
    world.deliver()
    world.pass(1_000)
  }
  const before = world.cancels.length
  world.is('well')
  world.deliver()
  expect(world.cancels.slice(before)).toEqual([`id-${key}`])
  expect(world.server(key)?.state).toBe('cancelled')
})

test('PX4.4 PX4.5 whoever gives up what was just taken for over is led into no room, and it does not last after all', () => {
  for (const [does, state] of [
    ['answer', 'answered'],
    ['ring', 'cancelled'],
  ] as const) {
    const world = connected()
    world.is('mute')
    const key = world.press()
    world.pass(30_000)
    world.deliver()
    world.pass(15_000)
    expect(world.phase(key)).toMatchObject({ kind: 'over', how: 'unknown' })
    world.cancel(key)
    world.callee(key, 'ring')
    world.callee(key, does)
    world.deliver()
    expect(world.server(key)?.state).toBe(state)
    expect(world.entered).toEqual([])
  }
})

test('PX4.5 what the server has cancelled is over, whatever it told before arrives later', () => {
  const [world, key] = ringing()
  const told = world.server(key)
  if (!told) throw new Error('there is no call')
  world.cancel(key)
  world.deliver()
  world.tell(told)
  expect(world.phase(key)).toMatchObject({ kind: 'over', how: 'cancelled' })
})

test('PX4.5 closing its window gives a call up that lasts, and lets go of one that is over', () => {
  const world = connected()
  const key = world.press()
  world.deliver()
  world.closeWindow(key)
  world.deliver()
  expect(world.server(key)?.state).toBe('cancelled')
  world.closeWindow(key)
  expect(world.phase(key)).toBeUndefined()
})

test('PX4.6 what another device of the person placed is shown while it lasts, and leads this one into no room', () => {
  const world = connected()
  const key = world.press()
  world.deliver()
  // Another worker, which did not place it.
  const other = connected()
  const told = world.server(key)
  if (!told) throw new Error('there is no call')
  const tell = (change: object) => other.tell({ ...told, ...change })
  tell({ state: 'ringing', ringsOn: 2, disposition: 'ringing' })
  expect(other.phase(key)).toEqual({ kind: 'ringing', devices: 2 })
  expect(isCalling(other.state())).toBe(false)
  expect(callTo(other.state(), 'ben')).toBeUndefined()
  tell({ state: 'answered', room: 'https://r.example/1' })
  expect(other.views()).toEqual([])
  expect(other.entered).toEqual([])
})

test('PX4.5 PX4.6 what another device placed and this one gave up is cancelled, also on the next connection', () => {
  const world = connected()
  const told = {
    ...{
      id: 'c',
      contact: 'ben',
      name: 'Ben',
      key: 'theirs',
      why: null,
      busyUntil: null,
      at: 5,
      left: 40_000,
    },
    ...{ reply: null, room: null, state: 'ringing' as const, disposition: 'ringing' as const, ringsOn: 1 },
  }
  world.tell(told)
  world.cancel('theirs')
  world.disconnect()
  world.connect()
  expect(world.cancels).toEqual(['c', 'c'])
  expect(world.asked.size).toBe(0)
  world.tell({ ...told, state: 'cancelled', left: 0 })
  expect(world.views()).toEqual([])
})

test('PX4.7 a refused call says why; how many ends are kept for their windows is bounded', () => {
  const world = connected()
  const key = world.press()
  world.refuse(key)
  expect(world.phase(key)).toEqual({ kind: 'not-placed', message: 'No.' })
  for (let n = 0; n < 10; n += 1) world.refuse(world.press())
  expect(world.views()).toHaveLength(5)
  world.pass(3_600_000)
  expect(world.views()).toEqual([])
})

test('PX4.7 a call of whose end nothing is ever heard ends in a sentence, not in silence', () => {
  const world = connected()
  const key = world.press()
  world.deliver()
  world.callee(key, 'ring')
  world.deliver()
  world.disconnect()
  world.pass(48_000)
  expect(world.phase(key)).toEqual({ kind: 'unknown' })
  world.pass(600_000)
  // It has rung: nobody can say that it was not placed.
  expect(world.phase(key)).toMatchObject({ kind: 'over', how: 'unknown' })
})
