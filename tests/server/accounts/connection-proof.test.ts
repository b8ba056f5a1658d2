import { join } from 'node:path'
import { expect, test } from 'vitest'
import { protocolVersion } from '../../../protocol/connection.ts'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { keyOf, newKey, proofOf } from '../support/dpop-proofs.ts'
import { startInProcessServer, type TestServer } from '../support/in-process-server.ts'
import { expectNoMailTo, mailsTo } from '../support/mailbox.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { connectDevice, nextOrder, openConnection, sayHello, sendHello } from '../support/websocket-device.ts'
import { forge } from './forge.ts'

const refused = { code: 4403, reason: 'proofRefused' }
const hour = 3_600_000

async function seated() {
  const server = await startInProcessServer()
  const [id] = await settle(server, ann)
  const token = await sessionOf(server, ann, 'device-1')
  const key = await keyOf('device-1')
  const socket = { url: `${server.url}/socket`, method: 'GET' }
  const hello = async (make: (nonce: string) => Promise<string>, device = 'device-1') => {
    const connection = await openConnection(server.url)
    return { connection, ...(await sayHello(connection, { token, device }, make)) }
  }
  return { server, id, token, key, socket, hello }
}

/** Nobody who is refused waits until it is on record. */
async function recorded(server: TestServer, many: number) {
  const db = await server.db()
  const read = () => db.selectFrom('audit').selectAll().orderBy('id').execute()
  await expect.poll(read).toHaveLength(many)
  return read()
}

test('K6.1 a connection begins with a challenge, each with its own', async () => {
  const server = await startInProcessServer()
  const connections = await Promise.all([openConnection(server.url), openConnection(server.url)])
  const nonces = await Promise.all(
    connections.map((connection) => connection.next('challenge').then(({ nonce }) => nonce)),
  )
  expect(new Set(nonces).size).toBe(2)
  for (const connection of connections) expect(connection.received[0]?.type).toBe('challenge')
})

test('K6.1 a hello with a proof by the session’s key is welcomed, however far off the device’s clock is', async () => {
  const { server, token, key, socket, hello } = await seated()
  for (const off of [0, -hour, hour]) {
    const iat = Math.floor((Date.now() + off) / 1_000)
    const { connection } = await hello((nonce) => forge(key, socket, { claims: { nonce, iat }, token }))
    await connection.next('welcome')
  }
  await connectDevice(server.url, token, 'device-1')
})

test('K6.3 Y1.4 a stolen token with another key, or without any, opens no connection, and that goes on record', async () => {
  const { server, id, token, socket, hello } = await seated()
  const thief = await newKey()
  const stolen = await hello((nonce) => proofOf(thief, { ...socket, nonce, token }))
  expect(await stolen.connection.closed()).toEqual(refused)
  const bare = await hello(async () => 'x')
  expect(await bare.connection.closed()).toEqual(refused)
  const rows = await recorded(server, 2)
  expect(rows.map(({ what, who, device, detail }) => ({ what, who, device, ...JSON.parse(detail) }))).toEqual(
    [
      { what: 'proof-refused', who: id, device: 'device-1', why: 'wrong-key', path: '/socket' },
      { what: 'proof-refused', who: id, device: 'device-1', why: 'malformed', path: '/socket' },
    ],
  )
  expect(rows[0]?.address).toBe('127.0.0.1')
  expect(JSON.stringify(rows)).not.toContain(token)
})

test('K6.3 a proof that was seen on another connection, or is for something else, opens none', async () => {
  const { token, key, socket, hello } = await seated()
  const good = await hello((nonce) => proofOf(key, { ...socket, nonce, token }))
  await good.connection.next('welcome')
  const others = [
    async () => good.proof,
    () => proofOf(key, { ...socket, token }),
    () => proofOf(key, { ...socket, token, nonce: good.nonce }),
    (nonce: string) => proofOf(key, { ...socket, nonce }),
    (nonce: string) => proofOf(key, { ...socket, nonce, token: 'another' }),
    (nonce: string) => proofOf(key, { ...socket, nonce, token, method: 'POST' }),
  ]
  for (const make of others) {
    const { connection } = await hello(make)
    expect(await connection.closed()).toEqual(refused)
  }
})

test('K2.8 a proof for an address that is not the server’s own is told so, and ends nothing', async () => {
  const { server, token, key, socket, hello } = await seated()
  for (const url of ['https://evil.example/socket', `${socket.url}/x`]) {
    const { connection } = await hello((nonce) => proofOf(key, { ...socket, nonce, token, url }))
    expect(await connection.closed()).toEqual({ code: 4404, reason: 'wrongAddress' })
  }
  const rows = await (await server.db()).selectFrom('audit').select('detail').execute()
  expect(rows.map(({ detail }) => JSON.parse(detail).why)).toEqual(['wrong-address', 'wrong-address'])
  await connectDevice(server.url, token, 'device-1')
})

test('K2.8 when PUBLIC_URL is changed, devices are told so on the connection and over HTTP, however often they come, and stay signed in', async () => {
  const [old, moved] = ['https://old.example', 'https://moved.example']
  const before = await startInProcessServer({ env: { PUBLIC_URL: old } })
  await settle(before, ann)
  const token = await sessionOf(before, ann, 'device-1')
  const key = await keyOf('device-1')
  await before.close()
  const { dataDir, clock } = before

  const comeTo = async () => {
    const local = readOperatorFile(join(dataDir, 'operator.json'))?.url ?? ''
    const connection = await openConnection(local)
    await sendHello(connection, old, { token, device: 'device-1' })
    const asked = { url: `${old}/api/account/link`, method: 'POST', token }
    const headers = { authorization: `DPoP ${token}`, dpop: await proofOf(key, asked) }
    const response = await fetch(`${local}/api/account/link`, { method: 'POST', headers })
    return { connection, response }
  }

  const changed = await startInProcessServer({ dataDir, clock, env: { PUBLIC_URL: moved } })
  // A house full of devices comes, again and again, with the address that they know.
  for (let n = 0; n < 12; n += 1) {
    const { connection, response } = await comeTo()
    expect(await connection.closed()).toEqual({ code: 4404, reason: 'wrongAddress' })
    expect([response.status, await response.json()]).toMatchObject([401, { error: 'wrong-address' }])
  }
  await changed.close()

  await startInProcessServer({ dataDir, clock, env: { PUBLIC_URL: old } })
  const { connection, response } = await comeTo()
  await connection.next('welcome')
  expect(response.status).toBe(200)
})

test('L1.3 a session that is over is told so, and not that its proof was refused', async () => {
  const { server, hello } = await seated()
  await (await server.db()).deleteFrom('session').execute()
  const { connection } = await hello(async () => 'x')
  expect(await connection.closed()).toEqual({ code: 4401, reason: 'sessionEnded' })
})

test('L2.1 a hello without a proof is no hello', async () => {
  const { token, server } = await seated()
  const connection = await openConnection(server.url)
  const whole = { protocol: protocolVersion, token, device: 'device-1', order: nextOrder(), takeOver: true }
  connection.sendRaw(JSON.stringify({ type: 'hello', ...whole }))
  expect(await connection.closed()).toEqual({ code: 4400, reason: 'malformed' })
})

test('K2.10 refused proofs of a connection count for their session, and keep no device from its connection', async () => {
  const { server, token, hello } = await seated()
  for (let n = 0; n < 22; n += 1)
    expect(await (await hello(async () => 'x')).connection.closed()).toEqual(refused)
  await recorded(server, 3)
  await connectDevice(server.url, token, 'device-1')
})

test('K2.10 a stolen token that is tried at a connection is mailed to its owner, with whichever device it says that it is', async () => {
  const { server, id, token, socket, hello } = await seated()
  const thief = await newKey()
  const { connection } = await hello((nonce) => proofOf(thief, { ...socket, nonce, token }), 'made-up')
  expect(await connection.closed()).toEqual({ code: 4401, reason: 'sessionEnded' })
  const [entry] = await recorded(server, 1)
  expect(entry).toMatchObject({ what: 'proof-refused', who: id, device: 'device-1' })
  expect(JSON.parse(entry?.detail ?? '')).toEqual({ why: 'wrong-key', path: '/socket' })
  await mailsTo(server, ann.email)
})

test('K2.10 a device that lost its own id proves its key, is told that its session is over, and frightens nobody', async () => {
  const { server, token, key, socket, hello } = await seated()
  const { connection } = await hello((nonce) => proofOf(key, { ...socket, nonce, token }), 'a-new-id')
  expect(await connection.closed()).toEqual({ code: 4401, reason: 'sessionEnded' })
  expect(await (await server.db()).selectFrom('audit').selectAll().execute()).toEqual([])
  await expectNoMailTo(server, ann.email)
})
