import { expect, test } from 'vitest'
import { connectedWithin, disturbedFor, mendedWithin, serversWithin } from '../../../web/room/negotiation.ts'
import { twoPeers } from './two-peers.ts'

/** Two who have found a way to each other. */
async function connected({ iceTakes = 0 } = {}) {
  const world = twoPeers({ iceTakes })
  await world.live(1_000 + iceTakes)
  expect(world.ways).toEqual(['connected', 'connected'])
  return world
}

/** In how many ms the way works again, and both say so. */
async function mendedAfter(world: Awaited<ReturnType<typeof connected>>, most = 30_000): Promise<number> {
  const since = world.now()
  while (!world.works() || world.ways.some((way) => way !== 'connected')) {
    if (world.now() - since > most) throw new Error(`no way after ${most} ms; they say ${world.ways}`)
    await world.live(50)
  }
  return world.now() - since
}

test('RM11.2 two who join have a way as soon as offer, answer and candidates are there, with one line for sound and one for pictures', async () => {
  const world = twoPeers()
  await world.live(0)
  expect(world.works()).toBe(true)
  expect(world.peers.map((peer) => peer.lineCount())).toEqual([2, 2])
  world.close()
})

test.each([0, 1] as const)(
  'RM11.3 side %i, at another address, has a way again within ten seconds, by a connection to the server that is made anew',
  async (side) => {
    const world = await connected()
    world.setNetwork(side, true)
    world.cut(side, 2)
    // As long as a lost beat takes to be noticed, and the connection to be made.
    await world.live(5_300)
    world.reconnect(side)
    expect(5_300 + (await mendedAfter(world))).toBeLessThan(10_000)
    expect(world.faults).toEqual([])
    world.close()
  },
)

test('RM11.3 a way that is disturbed for three seconds is mended with fresh servers, and without them after one more', async () => {
  const world = await connected()
  world.setNetwork(0, true)
  await world.live(5_000)
  expect(world.ways).toEqual(['disturbed', 'disturbed'])
  await world.live(disturbedFor)
  await mendedAfter(world, 500)
  world.close()

  const alone = await connected()
  alone.setNetwork(0, true)
  alone.cut(0, 0)
  await alone.live(5_000 + disturbedFor + 1)
  expect(alone.ways[0]).toBe('mending')
  await alone.live(serversWithin)
  expect(alone.peers[0].signalingState).toBe('have-local-offer')
  alone.close()
})

test('RM11.3 as long as there is no network it is tried again, and once there is one there is a way', async () => {
  const world = await connected()
  world.setNetwork(0, false)
  world.cut(0, 0)
  await world.live(10 * 60_000)
  expect(world.ways).toEqual(['mending', 'mending'])
  world.setNetwork(0, true)
  world.reconnect(0)
  expect(await mendedAfter(world)).toBeLessThan(mendedWithin)
  world.close()
})

test('RM11.3 two who find no way at first go on looking', async () => {
  const world = twoPeers()
  world.setNetwork(1, false)
  await world.live(connectedWithin * 3)
  expect(world.ways).toEqual(['connecting', 'connecting'])
  world.setNetwork(1, true)
  expect(await mendedAfter(world)).toBeLessThan(connectedWithin + mendedWithin)
  world.close()
})

test('RM11.3 a change that is known of is not waited for', async () => {
  const world = await connected()
  world.setNetwork(0, true)
  await world.live(5_000)
  expect(world.ways[0]).toBe('disturbed')
  world.negotiations[0].hurry()
  expect(await mendedAfter(world)).toBeLessThan(disturbedFor)
  world.close()
})

test('RM11.3 a way that works is left as it is where there is nothing to hurry, and while another is looked for', async () => {
  const world = await connected()
  const before = world.peers.map((peer) => peer.credentials())
  world.negotiations[0].hurry()
  await world.live(1_000)
  expect(world.peers.map((peer) => peer.credentials())).toEqual(before)
  world.negotiations[0].resume(true)
  await world.live(1_000)
  expect(world.peers.map((peer) => peer.credentials())).not.toEqual(before)
  expect([world.works(), world.ways]).toEqual([true, ['connected', 'connected']])
  world.close()
})

test('RM11.2 an offer that is lost while an old way works is said again, though nobody knows that it was lost', async () => {
  const world = await connected()
  world.negotiations[0].lookAnew()
  while (world.peers[0].signalingState === 'stable') {
    world.due()[0]?.()
    await world.settle()
  }
  await world.settle()
  world.lose(1)
  await world.live(1_000)
  expect(world.peers[0].signalingState).toBe('have-local-offer')
  expect(world.ways).toEqual(['connected', 'connected'])
  await world.live(mendedWithin)
  expect(world.peers[0].signalingState).toBe('stable')
  expect([world.matches(), world.faults]).toEqual([true, []])
  world.close()
})

test('RM11.3 a way that was disturbed while fresh servers were asked for, and works again, is not said to be broken', async () => {
  const world = await connected()
  const [peer] = world.peers
  // The server gives none.
  world.cut(0, 0)
  world.negotiations[0].lookAnew()
  peer.become('disconnected')
  peer.become('connected')
  await world.live(disturbedFor + serversWithin + mendedWithin)
  expect([peer.connectionState, world.ways[0]]).toEqual(['connected', 'connected'])
  world.close()
})

test('RM11.2 an offer that was lost is said again, and one whose answer was lost is answered again', async () => {
  const lost = twoPeers()
  // Negotiation is needed, and the offer is made: it is on its way.
  while (lost.peers[0].signalingState !== 'have-local-offer') {
    lost.due()[0]?.()
    await lost.settle()
  }
  lost.cut(1, 0)
  await lost.live(1_000)
  lost.reconnect(1)
  await lost.live(1_000)
  expect(lost.works()).toBe(true)
  lost.close()

  const unanswered = twoPeers()
  while (unanswered.peers[1].signalingState !== 'have-remote-offer') {
    unanswered.due().at(-1)?.()
    await unanswered.settle()
  }
  unanswered.cut(0, 0)
  await unanswered.live(1_000)
  unanswered.reconnect(0)
  await unanswered.live(1_000)
  expect(unanswered.works()).toBe(true)
  expect(unanswered.faults).toEqual([])
  unanswered.close()
})

test('RM11.1 an offer of another connection comes to nothing, which is said, but not of a connection that was closed', async () => {
  const stranger = twoPeers()
  await stranger.live(0)
  const sdp = stranger.peers[0].localDescription?.sdp ?? ''
  stranger.close()
  const offer = { description: { type: 'offer', sdp }, offer: 9 } as const
  for (const closes of [false, true]) {
    const world = await connected()
    world.negotiations[1].hear(offer)
    if (closes) world.close()
    await world.live(0)
    expect(world.faults).toEqual(closes ? [] : [expect.stringContaining('It is of another connection')])
    world.close()
    await world.live(600_000)
    expect(world.peers.map(({ signalingState }) => signalingState)).toEqual(['closed', 'closed'])
    expect(world.nextTimer()).toBeUndefined()
  }
})

test('RM11.3 two whose attempts begin seconds apart do not cut each other short, where finding a way takes four seconds', async () => {
  const world = await connected({ iceTakes: 4_000 })
  // The second time as the first.
  for (let time = 0; time < 2; time += 1) {
    world.setNetwork(0, true)
    await world.live(5_100)
    expect(world.ways).toEqual(['disturbed', 'disturbed'])
    // Side 0 begins three seconds before the other one would.
    world.negotiations[0].hurry()
    await world.live(100)
    expect(world.ways).toEqual(['mending', 'mending'])
    expect(await mendedAfter(world)).toBeLessThan(5_000)
  }
  expect(world.faults).toEqual([])
  world.close()
})

/** The longest that side 1 waits before it tries itself, while nothing comes to anything and it hears this every 700 ms. */
async function longestWait(isNew: boolean): Promise<number> {
  const world = await connected()
  world.setNetwork(1, false)
  await world.live(5_100)
  world.negotiations[0].hurry()
  await world.live(1)
  const [other, own] = world.peers
  const sdp = other.localDescription?.sdp ?? ''
  // From here on the test speaks for it; it has offered twice.
  world.negotiations[0].close()
  const triedAt = [world.now()]
  const restartIce = own.restartIce
  own.restartIce = () => {
    triedAt.push(world.now())
    restartIce()
  }
  for (let said = 0; said < 80; said += 1) {
    await world.live(700)
    world.negotiations[1].hear({ description: { type: 'offer', sdp }, offer: isNew ? 3 + said : 2 })
  }
  triedAt.push(world.now())
  world.close()
  return Math.max(...triedAt.map((at, n) => at - (triedAt[n - 1] ?? at)))
}

test('RM11.3 an offer that is said again gives its side no more time, and who offers anew again and again keeps the other from trying itself no longer than for two attempts', async () => {
  const [again, anew] = [await longestWait(false), await longestWait(true)]
  expect(again).toBeLessThanOrEqual(mendedWithin)
  expect(anew).toBeGreaterThan(mendedWithin)
  expect(anew).toBeLessThanOrEqual(2 * mendedWithin)
})
