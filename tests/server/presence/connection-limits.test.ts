import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { connectionCaps } from '../../../server/presence/connection-limits.ts'
import { type Server, startServer } from '../../support/server/start-server.ts'
import { callerOf } from '../support/api-client.ts'
import { asTestServer } from '../support/as-test-server.ts'
import { startInProcessServer, type TestServer } from '../support/in-process-server.ts'
import { ann, ben, sessionOf, settle } from '../support/people.ts'
import { connectDevice, reachableDevice } from '../support/websocket-device.ts'

/** Starts a server that may have so many files open, as `ulimit -n` makes it. */
const startWithFiles = (files: number, environment: Record<string, string> = {}) =>
  startServer(environment, ['prlimit', `--nofile=${files}:${files}`])

/** Connections that begin to say something and never come to its end. @returns how many of them are still open. */
async function holdOpen(
  { url }: Pick<Server, 'url'>,
  count: number,
  beginning: string,
  localAddress = '127.0.0.1',
): Promise<() => number> {
  const { hostname, port } = new URL(url)
  const open = new Set<Socket>()
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
  })
  for (let n = 0; n < count; n += 1) {
    const socket = connect({ host: hostname, port: Number(port), localAddress })
    socket.on('error', () => {}).on('close', () => open.delete(socket))
    // Whoever does not read does not hear that it was ended.
    socket.resume()
    open.add(socket)
    await once(socket, 'connect')
    socket.write(beginning)
    // Answered by a challenge.
    if (beginning.includes('websocket')) await once(socket, 'data')
  }
  return () => open.size
}

const halfRequest = 'GET /health HTTP/1.1\r\nHost: x\r\n'
/** Of a form, which everybody may send. */
const halfBody = [
  'POST /password/forgot HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin',
  'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\na=',
].join('\r\n')
const handshake = [
  'GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket',
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
].join('\r\n')

/** Opens a device of the person, and tells how long that took, in ms. */
async function timeToLease(server: TestServer, device: string): Promise<number> {
  const token = await sessionOf(server, ann, device)
  const began = performance.now()
  await (await connectDevice(server.url, token, device)).lease()
  return performance.now() - began
}

test('L2.10 1,100 half requests of one address end nobody’s connection, and a new device comes in, from that address too', async () => {
  const child = await startWithFiles(1_024)
  const server = asTestServer(child)
  await settle(server, ann)
  const device = await reachableDevice(server, ann, 'there-before')
  for (const [count, beginning] of [
    [1_100, halfRequest],
    [300, halfBody],
    [300, handshake],
    [300, ''],
  ] as const) {
    const open = await holdOpen(child, count, beginning)
    expect(await timeToLease(server, `new-${beginning.length}`)).toBeLessThan(2_000)
    expect(open()).toBeLessThanOrEqual(240)
    expect((await fetch(`${server.url}/ready`)).status).toBe(200)
    await device.lease()
  }
})

test('L2.10 where many addresses together have too many, the one that has most loses its oldest', async () => {
  const child = await startWithFiles(200)
  const server = asTestServer(child)
  await settle(server, ann)
  const device = await reachableDevice(server, ann, 'there-before')
  const open = []
  // 136 connections in all, 34 of them at most of strangers of one address.
  for (let n = 2; n < 10; n += 1) open.push(await holdOpen(child, 33, halfRequest, `127.0.0.${n}`))
  const quiet = await holdOpen(child, 3, halfRequest, '127.0.0.20')
  await holdOpen(child, 34, halfRequest, '127.0.0.21')
  expect(await timeToLease(server, 'new')).toBeLessThan(2_000)
  await device.lease()
  const left = open.map((still) => still())
  expect(Math.max(...left) - Math.min(...left)).toBeLessThanOrEqual(18)
  expect(left.reduce((sum, one) => sum + one, 0)).toBeLessThan(136)
  expect(quiet()).toBe(3)
})

test('L2.10 welcomed devices end for nobody, and one too many of an address is told to come again later', async () => {
  const server = await startInProcessServer({ env: { CONNECTIONS_PER_ADDRESS: '3' } })
  await settle(server, ann, ben)
  const devices = [await reachableDevice(server, ann, 'one'), await reachableDevice(server, ann, 'two')]
  devices.push(await reachableDevice(server, ben, 'three'))
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/socket`)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '5'])
  for (const device of devices) await device.lease()
  // Who signs in or out asks by HTTP, and is no WebSocket.
  expect((await fetch(`${server.url}/health`)).status).toBe(200)

  devices[0]?.close()
  const token = await sessionOf(server, ben, 'four')
  await expect
    .poll(async () => (await connectDevice(server.url, token, 'four').catch(() => undefined))?.welcome.type)
    .toBe('welcome')
})

test('L2.10 a stranger’s WebSocket makes room for another of its address, before anybody is refused', async () => {
  const server = await startInProcessServer({ env: { CONNECTIONS_PER_ADDRESS: '2' } })
  await settle(server, ann)
  const device = await reachableDevice(server, ann, 'one')
  const open = await holdOpen(server, 1, handshake)
  await (await connectDevice(server.url, await sessionOf(server, ann, 'two'), 'two')).lease()
  expect(open()).toBe(0)
  await device.lease()
})

test('L2.10 a request whose key was proven ends for no stranger while it is under way', async () => {
  const child = await startWithFiles(200)
  const server = asTestServer(child)
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const caller = callerOf(server)
  const placing = caller.place('ann')
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  const { id } = await placing
  const events = await fetch(`${server.url}/api/calls/${id}/events`, { headers: caller.authorization })
  await holdOpen(child, 300, halfRequest)
  await caller.cancel(id)
  expect(await events.text()).toContain('"state":"cancelled"')
})

test('L2.10 streams of one key beyond a quarter count as strangers’, so that they keep nobody from a connection', async () => {
  const child = await startWithFiles(300)
  const server = asTestServer(child)
  await settle(server, ann)
  const caller = callerOf(server)
  const { id } = await caller.place('ann', 'Dr Bell', { waitFor: 120 })
  const stream = `GET /api/calls/${id}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.operatorKey}\r\n\r\n`
  // 236 connections in all: 59 are admitted, 59 more of the address are strangers'.
  const open = await holdOpen(child, 300, stream)
  await expect.poll(open).toBe(118)
  expect(await timeToLease(server, 'new')).toBeLessThan(2_000)
  expect((await fetch(`${child.url}/health`)).status).toBe(200)
})

test('L2.10 behind a proxy the address that it names is counted, and not the proxy’s own connections', async () => {
  const child = await startWithFiles(300, { TRUST_PROXY: 'on' })
  const server = asTestServer(child)
  await settle(server, ann)
  // 236 in all, 59 at most of strangers of one address; the proxy has more.
  const idle = await holdOpen(child, 100, '')
  const from = (address: string, what: string) =>
    what.replace('Host: x', `Host: x\r\nX-Forwarded-For: ${address}`)
  const flood = await holdOpen(child, 100, from('192.0.2.1', halfBody))
  const other = await holdOpen(child, 5, from('192.0.2.2', handshake))
  await expect.poll(flood).toBe(59)
  expect([idle(), other()]).toEqual([100, 5])
  expect(await timeToLease(server, 'new')).toBeLessThan(2_000)
})

test('L2.10 the caps follow from how many files the process may have open', () => {
  expect(connectionCaps(1_024, 20_000)).toEqual({ perAddress: 20_000, strangersPerAddress: 240, inAll: 960 })
  expect(connectionCaps(1_000_000, 50)).toMatchObject({ perAddress: 50, strangersPerAddress: 5_000 })
  // A process that may hardly open any keeps half for the rest.
  expect(connectionCaps(64, 20_000)).toMatchObject({ strangersPerAddress: 8, inAll: 32 })
})
