import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { roomTiming } from '../../protocol/room.ts'
import { iceServers } from '../../server/rooms/ice-servers.ts'
import { type Coturn, startCoturn } from '../support/relay/start-coturn.ts'
import { answeredRoom, names } from '../support/room/answered-room.ts'
import { openTwoRoomChromiums, type RoomChromium } from '../support/room/open-room-chromium.ts'
import { blue } from '../support/room/picture-file.ts'
import type { RoomOnPage } from '../support/room/room-on.ts'

/** The settings of a server whose rooms go by this relay alone. */
const byRelay = ({ port }: Coturn, secret: string) => ({
  TURN_URLS: `turn:127.0.0.1:${port}?transport=udp`,
  TURN_SECRET: secret,
  TURN_ONLY: 'on',
})

async function join(browser: RoomChromium, address: string): Promise<RoomOnPage> {
  const page = await browser.open(address)
  await page.joinWithCamera()
  return page
}

/**
 * The first credentials that the pages of this browser have are those of nearly ten minutes ago: good for so many ms more.
 * Its others are the server's.
 */
async function beginsWithOld({ context }: RoomChromium, secret: string, goodFor: number): Promise<void> {
  const madeAt = Date.now() - roomTiming.credentialsFor + goodFor
  let isFirst = true
  await context.routeWebSocket(/\/rooms\/[^/]+\/socket$/, (page) => {
    page.connectToServer().onMessage((frame) => {
      const message = JSON.parse(String(frame))
      if (message.type === 'welcome' && isFirst) {
        isFirst = false
        const [{ urls }] = message.ice.servers
        message.ice.servers = iceServers(
          { stunUrls: [], turn: { urls, secret } },
          'of-before',
          madeAt,
        ).servers
      }
      page.send(JSON.stringify(message))
    })
  })
}

async function framesGrow(page: RoomOnPage): Promise<void> {
  const { frames } = await page.arrived()
  await expect.poll(async () => (await page.arrived()).frames).toBeGreaterThan(frames)
}

test('RM16.2 RM11.3 a relay that is lost after its credentials have run out is found again by fresh ones', async () => {
  const secret = randomUUID()
  const relay = await startCoturn({ secret, allowsLoopback: true })
  const goodFor = 40_000
  const { address } = await answeredRoom(byRelay(relay, secret))
  const { callers, callees } = await openTwoRoomChromiums()
  const given = performance.now()
  for (const browser of [callers, callees]) await beginsWithOld(browser, secret, goodFor)
  const caller = await join(callers, address('caller'))
  const callee = await join(callees, address('callee'))
  await expect.poll(() => caller.sees(blue)).toBe(true)
  expect(await caller.wayTypes()).toEqual(['relay', 'relay'])
  await expect.poll(() => performance.now() - given, { timeout: 90_000 }).toBeGreaterThan(goodFor + 5_000)
  await framesGrow(caller)

  await relay.kill()
  await expect
    .poll(caller.status, { timeout: 20_000 })
    .toBe(`The connection to ${names.callee} is broken. A new way is being looked for…`)
  const anew = await startCoturn({ secret, allowsLoopback: true, port: relay.port })
  await expect.poll(caller.status, { timeout: 20_000 }).toBe('')
  for (const page of [caller, callee]) {
    await framesGrow(page)
    expect(await page.peers()).toEqual(['connected stable'])
  }
  expect(anew.output()).toContain('ALLOCATE processed, success')
})

test('RM11.4 a way by a relay whose credentials are about to end is looked for anew while it works', async () => {
  const secret = randomUUID()
  const relay = await startCoturn({ secret, allowsLoopback: true })
  const { address } = await answeredRoom(byRelay(relay, secret))
  const { callers, callees } = await openTwoRoomChromiums()
  let asked = 0
  // The first credentials are said to be good for half a minute: others are asked for at half of that.
  await callers.context.routeWebSocket(/\/rooms\/[^/]+\/socket$/, (page) => {
    const server = page.connectToServer()
    page.onMessage((frame) => {
      if (String(frame) === '{"type":"ice"}') asked += 1
      server.send(frame)
    })
    server.onMessage((frame) => {
      const message = JSON.parse(String(frame))
      if (message.type === 'welcome') message.ice.goodFor = 30_000
      page.send(JSON.stringify(message))
    })
  })
  const caller = await join(callers, address('caller'))
  await join(callees, address('callee'))
  await expect.poll(() => caller.sees(blue)).toBe(true)
  const before = await caller.credentials()
  await expect.poll(() => asked, { timeout: 60_000 }).toBe(1)
  await expect.poll(caller.credentials).not.toBe(before)
  await framesGrow(caller)
  expect([await caller.peers(), await caller.status()]).toEqual([['connected stable'], ''])
})

test('RM16.3 RM5.5 a relay as it is deployed carries nothing to a private address, and no page says that they are connected', async () => {
  const secret = randomUUID()
  const relay = await startCoturn({ secret })
  const { address } = await answeredRoom(byRelay(relay, secret))
  const { callers, callees } = await openTwoRoomChromiums()
  const caller = await join(callers, address('caller'))
  const callee = await join(callees, address('callee'))
  // Each has its place at the relay, and may use it for nothing that is there too.
  await expect.poll(relay.output, { timeout: 30_000 }).toMatch(/CREATE_PERMISSION processed, error 403/)
  expect(relay.output()).toContain('ALLOCATE processed, success')
  await expect.poll(caller.status).toBe(`Connecting to ${names.callee}…`)
  for (const page of [caller, callee]) {
    expect((await page.arrived()).bytes).toBe(0)
    expect(await page.quality.count()).toBe(0)
  }
})
