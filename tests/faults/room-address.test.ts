import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { requireBrowser } from '../../scripts/browsers/find-browser.ts'
import { startTcpProxy } from '../support/nodes/tcp-proxy.ts'
import { startMovingRelay } from '../support/relay/moving-relay.ts'
import { type Coturn, startCoturn } from '../support/relay/start-coturn.ts'
import { answeredRoom } from '../support/room/answered-room.ts'
import { openRoomChromium, openTwoRoomChromiums } from '../support/room/open-room-chromium.ts'
import { canMakeNetworks, openOwnNetwork } from '../support/room/own-network.ts'
import { blue, red } from '../support/room/picture-file.ts'
import type { RoomOnPage } from '../support/room/room-on.ts'

/** Two of whom the caller can move to another address. */
interface Movable {
  readonly caller: RoomOnPage
  readonly callee: RoomOnPage
  readonly move: () => void
}

interface MovableByRelay extends Movable {
  readonly relay: Coturn
}

/** The caller's browser is in a network of its own, with a real address that it loses. */
async function inOwnNetwork(): Promise<Movable> {
  const { server, address } = await answeredRoom()
  const network = openOwnNetwork()
  await network.forward(Number(new URL(server.url).port))
  const executable = network.executable(requireBrowser('chromium'))
  const callers = await openRoomChromium({ sees: red, executable })
  const callees = await openRoomChromium({ sees: blue })
  const caller = await callers.open(address('caller'))
  const callee = await callees.open(address('callee'))
  return { caller, callee, move: network.move }
}

/** The caller's way to server and relay goes through us, who change from where it comes. */
async function throughUs(): Promise<MovableByRelay> {
  const secret = randomUUID()
  const relay = await startCoturn({ secret, allowsLoopback: true })
  const moving = await startMovingRelay(relay.port)
  const targets: number[] = []
  const proxy = await startTcpProxy(() => targets)
  const { server, address } = await answeredRoom({
    ...{ TURN_URLS: `turn:127.0.0.1:${moving.port}?transport=udp`, TURN_SECRET: secret, TURN_ONLY: 'on' },
    PUBLIC_URL: `http://127.0.0.1:${proxy.port}`,
  })
  targets.push(Number(new URL(server.url).port))
  const { callers, callees } = await openTwoRoomChromiums()
  const caller = await callers.open(address('caller', `http://127.0.0.1:${proxy.port}`))
  const callee = await callees.open(address('callee'))
  const move = () => {
    proxy.drop()
    moving.move()
  }
  return { caller, callee, move, relay }
}

const ways = { 'in a network of its own': inOwnNetwork, 'by a relay that moves': throughUs } as const

/** Networks of one's own need more than every machine allows; the other way needs nothing. */
const here = Object.entries(ways).filter(([, open]) => open === throughUs || canMakeNetworks())

test.each(here)(
  'RM16.1 RM11.3 a change of address %s is survived in ten seconds, both ways, and by the same connection',
  async (_, open) => {
    const { caller, callee, move } = await open()
    for (const page of [caller, callee]) await page.joinWithCamera()
    await expect.poll(() => caller.sees(blue)).toBe(true)
    await expect.poll(() => callee.sees(red)).toBe(true)
    const before = await caller.credentials()

    move()

    const moved = performance.now()
    // Once another way is there: until then what arrives may be what was on its way.
    await expect.poll(caller.credentials, { timeout: 10_000 }).not.toBe(before)
    for (const page of [caller, callee]) {
      const { frames } = await page.arrived()
      await expect
        .poll(async () => (await page.arrived()).frames, { timeout: 10_000 })
        .toBeGreaterThan(frames + 2)
    }
    expect(performance.now() - moved).toBeLessThan(10_000)
    for (const page of [caller, callee]) {
      await expect.poll(page.status).toBe('')
      expect(await page.peers()).toEqual(['connected stable'])
    }
  },
)

/** As on a way through a town; the relay hears of no way that it was left. */
const manyMoves = 8

test('RM16.1 RM5.5 whoever changes address again and again finds the other one by a relay each time, which keeps their lost ways for ten minutes', async () => {
  const { caller, callee, move, relay } = await throughUs()
  for (const page of [caller, callee]) await page.joinWithCamera()
  await expect.poll(() => caller.sees(blue)).toBe(true)
  for (let moves = 0; moves < manyMoves; moves += 1) {
    const before = await caller.credentials()
    move()
    await expect.poll(caller.credentials).not.toBe(before)
    for (const page of [caller, callee]) {
      const { frames } = await page.arrived()
      // So many were not on their way before.
      await expect.poll(async () => (await page.arrived()).frames).toBeGreaterThan(frames + 20)
    }
    // The way to the server is there again, too.
    for (const page of [caller, callee]) await expect.poll(page.status).toBe('')
  }
  expect(relay.output()).not.toContain('Allocation Quota Reached')
})
