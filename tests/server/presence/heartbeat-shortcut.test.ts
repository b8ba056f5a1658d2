import type { IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { parseDeviceMessage } from '../../../protocol/connection.ts'
import { takeHeartbeats, type WithShortcut } from '../../../server/presence/heartbeat-shortcut.ts'
import { usualHeartbeat } from '../../../server/presence/usual-heartbeat.ts'

class Heard extends WebSocket implements WithShortcut {
  onHeartbeat: ((this: WithShortcut, n: number) => void) | undefined
}

const aTurn = () => new Promise((resolve) => setImmediate(resolve))

/** What came in pieces over a connection. `short` of it is what was heard without ws. */
async function heard(pieces: readonly Buffer[], withShortcut: boolean) {
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  const events: string[] = []
  let short = 0
  const headers = {
    ...{ upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-version': '13' },
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  }
  const request = { url: '/', method: 'GET', headers, socket: stream } as unknown as IncomingMessage
  const server = new WebSocketServer({
    ...{ noServer: true, WebSocket: Heard, clientTracking: false, perMessageDeflate: false, maxPayload: 300 },
  })
  server.handleUpgrade(request, stream, Buffer.alloc(0), (socket) => {
    socket.on('message', (data, isBinary) => events.push(`${isBinary ? 'bytes' : 'text'} ${data}`))
    socket.on('ping', (data) => events.push(`ping ${data}`))
    socket.on('error', (error) => events.push(`error ${'code' in error ? error.code : ''}`))
    socket.on('close', (code) => events.push(`close ${code}`))
    socket.onHeartbeat = (n) => {
      short += 1
      events.push(`text {"type":"heartbeat","n":${n}}`)
    }
    if (withShortcut) takeHeartbeats(socket)
  })
  for (const piece of pieces) {
    // ws takes the mask off in place.
    stream.push(Buffer.from(piece))
    await aTurn()
  }
  stream.destroy()
  await aTurn()
  return { events, short }
}

const opcodes = { more: 0, text: 1, bytes: 2, close: 8, ping: 9 }

/** A frame as a device sends it. */
function frame(
  kind: keyof typeof opcodes,
  text: string,
  mask: number,
  { fin = true, masked = true } = {},
): Buffer {
  const payload = Buffer.from(text)
  const key = Buffer.alloc(4)
  key.writeUInt32BE(mask)
  const long = payload.length > 125
  const head = Buffer.alloc(long ? 4 : 2)
  head[0] = (fin ? 0x80 : 0) | opcodes[kind]
  head[1] = (masked ? 0x80 : 0) | (long ? 126 : payload.length)
  if (long) head.writeUInt16BE(payload.length, 2)
  if (!masked) return Buffer.concat([head, payload])
  return Buffer.concat([head, key, payload.map((byte, n) => byte ^ (key[n % 4] ?? 0))])
}

const heartbeat = (n: number | string) => `{"type":"heartbeat","n":${n}}`
const masks = fc.nat(0xffff_ffff)
const texts = fc.oneof(
  { weight: 4, arbitrary: fc.nat(99_999).map(heartbeat) },
  fc.maxSafeNat().map(heartbeat),
  fc
    .constantFrom('00', '01', '-1', '1.5', '9'.repeat(15), '9'.repeat(16), '', '"1"', '1,"a":2')
    .map(heartbeat),
  fc.constantFrom(
    '{"type":"idle","state":"active"}',
    '',
    'x'.repeat(200),
    'x'.repeat(400),
    `${heartbeat(1)} `,
  ),
)
const sent = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(texts, masks).map(([text, mask]) => frame('text', text, mask)) },
  fc.tuple(texts, masks).map(([text, mask]) => frame('ping', text.slice(0, 50), mask)),
  fc.tuple(texts, masks).map(([text, mask]) => frame('bytes', text, mask)),
  fc.tuple(texts, masks).map(([text, mask]) => frame('text', text, mask, { fin: false })),
  fc.tuple(texts, masks, fc.boolean()).map(([text, mask, fin]) => frame('more', text, mask, { fin })),
  fc.tuple(texts, masks).map(([text, mask]) => frame('text', text, mask, { masked: false })),
  fc.constant(Buffer.from([0xc1, 0x80, 0, 0, 0, 0])),
  masks.map((mask) => frame('close', '', mask)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
)

/** The same bytes in other packets. */
const cutAnew = (pieces: readonly Buffer[], cuts: readonly number[]) => {
  const all = Buffer.concat(pieces)
  const at = [...new Set(cuts.map((cut) => cut % (all.length + 1)))].sort((a, b) => a - b)
  return [...at, all.length]
    .map((end, n) => all.subarray(at[n - 1] ?? 0, end))
    .filter(({ length }) => length > 0)
}

test('L2.1 frames are heard alike with the short way for usual heartbeats, whatever comes and in whichever packets', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(sent, { maxLength: 8 }),
      fc.option(fc.array(fc.nat(5_000), { maxLength: 6 }), { nil: undefined }),
      async (frames, cuts) => {
        const pieces = cuts ? cutAnew(frames, cuts) : frames
        const long = await heard(pieces, false)
        expect((await heard(pieces, true)).events).toEqual(long.events)
        expect(long.short).toBe(0)
      },
    ),
    { numRuns: 300 },
  )
})

test('L2.1 heartbeats that come one by one all go the short way, and nothing else does', async () => {
  const beats = Array.from({ length: 20 }, (_, n) => frame('text', heartbeat(n), n * 77_777_777))
  const { events, short } = await heard([...beats, frame('text', '{"type":"idle"}', 5)], true)
  expect(short).toBe(20)
  expect(events.slice(20)).toEqual(['text {"type":"idle"}', 'close 1006'])
})

test('L2.1 what is read of the bytes of a heartbeat is what its text says', () => {
  fc.assert(
    fc.property(texts, masks, (text, mask) => {
      const n = usualHeartbeat(frame('text', text, mask))
      if (n !== undefined)
        expect(parseDeviceMessage(text)).toEqual({ kind: 'message', message: { type: 'heartbeat', n } })
      else expect(/^\{"type":"heartbeat","n":(0|[1-9]\d{0,14})\}$/.test(text)).toBe(false)
    }),
    { numRuns: 5_000 },
  )
})
