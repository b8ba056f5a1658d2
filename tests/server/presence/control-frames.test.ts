import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { startServer } from '../../support/server/start-server.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'
import { openConnection, reachableDevice } from '../support/websocket-device.ts'

test('L2.3 more than 30 pongs that nobody asked for close the connection, like as many pings', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  for (let n = 0; n < 40; n += 1) device.socket.pong()
  expect(await device.closed()).toEqual({ code: 4429, reason: 'tooMany' })
})

test('L2.3 a message of endless empty pieces closes the connection', async () => {
  const server = await startInProcessServer()
  const pieces = await openConnection(server.url)
  for (let n = 0; n < 100; n += 1) pieces.socket.send('', { fin: false })
  expect(await pieces.closed()).toMatchObject({ code: 1008 })
})

/** A connection of a program that keeps to no rule. */
function openRaw(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  socket.write(
    `GET /socket HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  )
  return new Promise((resolve) => socket.once('data', () => resolve(socket)))
}

/** Masked pongs without a payload, as many as fill a packet of the loopback. */
const pongs = Buffer.alloc(60_000, Buffer.from([0x8a, 0x80, 0, 0, 0, 0]))

/** Sends pongs as fast as they are taken, until the other side ends it. @returns how long that took, in ms. */
async function flood(socket: Socket): Promise<number> {
  const began = performance.now()
  const ended = new Promise<true>((resolve) => {
    socket.once('end', () => resolve(true)).once('close', () => resolve(true))
  })
  socket.resume()
  const taken = () => new Promise<void>((resolve) => socket.write(pongs, () => resolve()))
  while ((await Promise.race([ended, taken()])) !== true);
  return performance.now() - began
}

/** The processor time that a process has used, in ms. */
function processorTime(pid: number): number {
  const [, , , , , , , , , , , user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(user) + Number(system)) * 10
}

test('L2.3 who floods a connection with pongs is not read on, and takes no core', async () => {
  const server = await startServer()
  const pid = readOperatorFile(join(server.dataDir, 'operator.json'))?.pid ?? 0
  await flood(await openRaw(server.url))
  const before = processorTime(pid)
  for (let n = 0; n < 5; n += 1) expect(await flood(await openRaw(server.url))).toBeLessThan(500)
  // Five seconds of nothing but pongs would be five seconds of a core.
  expect(processorTime(pid) - before).toBeLessThan(500)
})
