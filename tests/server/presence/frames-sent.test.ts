import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { Connection } from '../../../server/presence/connection.ts'

/** A connection of the server's, and what its device has been sent. */
async function connected() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  onTestFinished(() => server.close())
  await once(server, 'listening')
  const opened = new Promise<Connection>((resolve) => {
    server.once('connection', (socket, request) => {
      const from = { address: '127.0.0.1', label: 'test' }
      resolve(new Connection(socket, request.socket, { id: 'c', at: 0, nonce: 'n', from }))
    })
  })
  const device = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => device.terminate())
  const received: { text: string; isBinary: boolean }[] = []
  device.on('message', (data, isBinary) => received.push({ text: String(data), isBinary }))
  const ended = once(device, 'close').then(([code]) => code)
  await once(device, 'open')
  return { connection: await opened, received, ended }
}

test('L2.6 what a device is sent arrives whole and in order, whatever its length and its letters', async () => {
  const { connection, received, ended } = await connected()
  const letters = ['a', '"', '\\', '~', '\u007f', '\u0080', 'ä', '€', '🔔', '\n', '\u0000']
  const lengths = [0, 1, 62, 63, 124, 125, 126, 127]
  const short = lengths.flatMap((length) => letters.map((letter) => letter.repeat(length)))
  const texts = [...short, 'a'.repeat(65_535), 'short', 'ä'.repeat(65_536), 'short again']
  for (const text of texts) connection.sendFrame(text)
  connection.close('sessionEnded')
  // What is said after the end is not sent: it would be no part of the protocol any more.
  connection.sendFrame('late')
  expect(await ended).toBe(4401)
  expect(received.filter(({ isBinary }) => isBinary)).toEqual([])
  expect(received.map(({ text }) => text)).toEqual(texts)
})
