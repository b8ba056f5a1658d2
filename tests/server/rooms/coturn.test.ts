import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { roomTiming } from '../../../protocol/room.ts'
import { inRoot } from '../../../scripts/root.ts'
import { iceServers } from '../../../server/rooms/ice-servers.ts'
import { startCoturn } from '../../support/relay/start-coturn.ts'
import { openTurnClient } from '../../support/relay/turn-client.ts'

/** What a page is told of a relay with this secret at this moment. */
function told(secret: string, now = Date.now(), page = 'a-page') {
  const { servers } = iceServers({ stunUrls: [], turn: { urls: ['turn:turn.example'], secret } }, page, now)
  const { username = '', credential = '' } = servers[0] ?? {}
  return { username, credential }
}

const readText = (...path: readonly string[]) => readFileSync(inRoot(...path), 'utf8')

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
  const begun = async () => {
    const another = openTurnClient(port, told(secret, ends))
    const { error } = await another.allocate()
    // One page has so many at once, and no more.
    if (error === 0) await another.refresh(0)
    return error
  }
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

test('RM5.5 nor to one of IPv6 that its own networks reach, or that stands for one of IPv4', async () => {
  const secret = randomUUID()
  const { port } = await startCoturn({ secret, more: ['--relay-ip=::1'] })
  const client = openTurnClient(port, told(secret))
  expect((await client.allocate({ ip: 6 })).error).toBe(0)
  const forbidden = [
    ...['::', '::1', 'fc00::1', 'fd12:3456::1', 'fe80::1', 'fec0::1', 'ff02::1'],
    ...[
      '::ffff:10.0.0.1',
      '::ffff:127.0.0.1',
      '::ffff:169.254.169.254',
      '::ffff:8.8.8.8',
      '::10.0.0.1',
      '::ffff:0:a00:1',
    ],
    ...['64:ff9b::10.0.0.1', '64:ff9b::ffff:ffff', '64:ff9b:1::a00:1', '2001::a00:1'],
    ...['2002:a00:1::1', '2002:7f00:1::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ]
  for (const peer of forbidden) expect([peer, (await client.permit(peer)).error]).toEqual([peer, 403])
  for (const peer of ['2001:4860:4860::8888', '2003::1', '2600::1', '64:ff9a::1'])
    expect([peer, (await client.permit(peer)).error]).toEqual([peer, 0])
})

test('RM5.5 it relays UDP alone, and connects to nobody', async () => {
  const secret = randomUUID()
  const { port } = await startCoturn({ secret })
  const client = openTurnClient(port, told(secret), 'tcp')
  expect((await client.allocate({ by: 'tcp' })).error).toBe(442)
  expect((await client.allocate()).error).toBe(0)
  for (const peer of ['198.51.100.7', '127.0.0.1']) expect((await client.connect(peer)).error).toBe(403)
})

test('RM5.5 one side of a call has 64 ways by it at once, and takes none from another', async () => {
  const secret = randomUUID()
  const { port } = await startCoturn({ secret })
  const who = told(secret)
  for (let n = 0; n < 64; n += 1) expect((await openTurnClient(port, who).allocate()).error).toBe(0)
  expect((await openTurnClient(port, who).allocate()).error).toBe(486)
  // Fresh credentials are of the same page.
  expect((await openTurnClient(port, told(secret, Date.now() + 60_000)).allocate()).error).toBe(486)
  expect((await openTurnClient(port, told(secret, Date.now(), 'another')).allocate()).error).toBe(0)
})

test('RM5.6 behind an address that is translated the two of a call meet by it, as the compose file and the guide say, and nobody reaches more of its network', async () => {
  const secret = randomUUID()
  const said = [...readText('deploy', 'compose.yaml').matchAll(/# - (--\S+=\S*PRIVATE)$/gm)].map(
    ([, word = '']) => word,
  )
  expect(said).toEqual(['--external-ip=PUBLIC/PRIVATE'])
  expect(readText('docs', 'DEPLOYING.md')).toContain(`\`${said[0]}\``)
  const words = said.map((word) => word.replace('PUBLIC', '203.0.113.5').replace('PRIVATE', '10.20.0.5'))
  const peersBy = async (more: readonly string[]) => {
    const { port } = await startCoturn({ secret, more })
    const client = openTurnClient(port, told(secret))
    expect((await client.allocate()).error).toBe(0)
    const peers = ['203.0.113.5', '10.20.0.5', '10.20.0.6', '10.0.0.1', '127.0.0.1', '198.51.100.7']
    return Promise.all(peers.map(async (peer) => [peer, (await client.permit(peer)).error]))
  }
  const others = [
    ['10.20.0.6', 403],
    ['10.0.0.1', 403],
    ['127.0.0.1', 403],
    ['198.51.100.7', 0],
  ]
  expect(await peersBy(words)).toEqual([['203.0.113.5', 0], ['10.20.0.5', 0], ...others])
  // Without it nobody is let to the private one, and the public one is somebody's elsewhere.
  expect(await peersBy([])).toEqual([['203.0.113.5', 0], ['10.20.0.5', 403], ...others])
})
