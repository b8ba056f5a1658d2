import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { roomTiming } from '../../../protocol/room.ts'
import { iceServers } from '../../../server/rooms/ice-servers.ts'
import { startCoturn } from '../../support/relay/start-coturn.ts'
import { openTurnClient } from '../../support/relay/turn-client.ts'

/** What a page is told of a relay with this secret at this moment. */
function told(secret: string, now = Date.now()) {
  const { servers } = iceServers(
    { stunUrls: [], turn: { urls: ['turn:turn.example'], secret } },
    'a-page',
    now,
  )
  const { username = '', credential = '' } = servers[0] ?? {}
  return { username, credential }
}

test('RM5.4 coturn, as it is deployed, lets in who has what the server gives to pages, and nobody else', async () => {
  const secret = randomUUID()
  const { port } = await startCoturn({ secret })
  const statusOf = async (who: { username: string; credential: string }) =>
    (await openTurnClient(port, who).allocate()).error
  expect(await statusOf(told(secret))).toBe(0)
  expect(await statusOf(told(randomUUID()))).toBe(401)
  const right = told(secret)
  // A name that is good for longer has another password.
  expect(await statusOf({ ...right, username: right.username.replace(/^\d+/, '9999999999') })).toBe(401)
  expect(await statusOf({ ...right, credential: '' })).toBe(401)
  // What was given eleven minutes ago, and what was good until a moment ago.
  expect(await statusOf(told(secret, Date.now() - roomTiming.credentialsFor - 60_000))).toBe(401)
  expect(await statusOf(told(secret, Date.now() - roomTiming.credentialsFor - 2_000))).toBe(401)
})

test('RM5.4 credentials that run out while they are used begin nothing any more, and a call that goes on by them is not cut', async () => {
  const secret = randomUUID()
  const { port } = await startCoturn({ secret })
  const ends = Date.now() - roomTiming.credentialsFor + 4_000
  const client = openTurnClient(port, told(secret, ends))
  expect(await client.allocate()).toMatchObject({ error: 0 })
  expect(await client.refresh(600)).toMatchObject({ error: 0 })
  const begun = async () => (await openTurnClient(port, told(secret, ends)).allocate()).error
  await expect.poll(begun, { timeout: 15_000, interval: 500 }).toBe(401)
  expect(await client.refresh(600)).toMatchObject({ error: 0 })
  // Another page, or this one with fresh ones, is let in all the same.
  expect((await openTurnClient(port, told(secret)).allocate()).error).toBe(0)
})

test('RM5.5 coturn, as it is deployed, relays to no address that only its own networks reach', async () => {
  const secret = randomUUID()
  const { port } = await startCoturn({ secret })
  const client = openTurnClient(port, told(secret))
  expect((await client.allocate()).error).toBe(0)
  const forbidden = [
    ...['10.0.0.1', '10.255.255.254', '172.16.0.1', '172.31.255.254', '192.168.0.1', '192.168.255.254'],
    ...[
      '127.0.0.1',
      '127.0.0.53',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
    ],
  ]
  for (const peer of forbidden) expect([peer, (await client.permit(peer)).error]).toEqual([peer, 403])
  for (const peer of ['198.51.100.7', '11.0.0.1', '172.32.0.1', '8.8.8.8'])
    expect([peer, (await client.permit(peer)).error]).toEqual([peer, 0])
})
