import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { longestRoomFrame, mostRoomFrames, roomProtocol } from '../../protocol/room.ts'
import { createRoomKeys } from '../../server/rooms/room-tickets.ts'
import { joined, openRoomPage, partsOf, type RoomPage, seatedPage } from '../server/rooms/room-page.ts'
import { callerOf } from '../server/support/api-client.ts'
import { type InProcessServer, startInProcessServer } from '../server/support/in-process-server.ts'
import { ann, ben, settle } from '../server/support/people.ts'
import { reachableDevice } from '../server/support/websocket-device.ts'
import { attack } from './count.ts'
import { frame, openRawWebSocket, text } from './raw-websocket.ts'

const within = <T>(ms: number, what: Promise<T>): Promise<T> =>
  Promise.race([
    what,
    new Promise<never>((_, reject) => {
      const timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms)
      onTestFinished(() => clearTimeout(timer))
    }),
  ])

/** A call that this person answered, and what each side has of its room. */
async function answeredBy(server: InProcessServer, person: typeof ann, device: string) {
  const connection = await reachableDevice(server, person, device)
  const caller = callerOf(server)
  const placing = caller.place(person.email)
  const { call } = await connection.next('ring')
  connection.send({ type: 'rings', call: call.id })
  await placing
  connection.send({ type: 'answer', call: call.id })
  const callee = partsOf((await connection.next('over')).room ?? '')
  const { room } = await caller.get(call.id)
  return { room: callee.room, callee: callee.ticket, caller: partsOf(room ?? '').ticket }
}

/** A server with two rooms in which the two are, and one more that nobody has come to. */
async function rooms() {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const [one, other] = [await answeredBy(server, ann, 'd1'), await answeredBy(server, ben, 'd2')]
  // However busy the machine is: no lease ends but where a test lets time pass.
  server.clock.standStill()
  const seated = {
    anns: await seatedPage(server, one.room, { ticket: one.callee }),
    bells: await seatedPage(server, one.room, { ticket: one.caller }),
  }
  /** Nobody noticed anything. */
  const goOn = async () => {
    const { epoch } =
      seated.anns.received.findLast((message) => message.type === 'other') ?? seated.anns.welcome
    const beats = await within(5_000, Promise.all([seated.anns.beat(), seated.bells.beat()]))
    for (const { otherLeftMs } of beats) expect(otherLeftMs).toBeGreaterThan(0)
    const before = seated.bells.received.filter(({ type }) => type === 'signal').length
    expect(before).toBe(0)
    expect(seated.bells.welcome.epoch).toBe(epoch)
  }
  return { server, one, other, ...seated, goOn }
}

const sound = (secret: string, more: object = {}) => ({
  ...{
    type: 'hello',
    protocol: roomProtocol,
    by: 'ticket',
    secret,
    page: randomUUID(),
    was: null,
    state: joined,
  },
  ...more,
})

/** What came, by type, of a page that is closed in the end. */
async function cameOf(page: RoomPage): Promise<{ readonly types: readonly string[]; readonly code: number }> {
  const { code } = await within(9_000, page.closed())
  return { types: page.received.map(({ type }) => type), code }
}

test('Z8.1 RM1.1 no ticket or seat but the right one, for its own room and side, lets anybody in', async () => {
  const { server, one, other, anns, bells, goOn } = await rooms()
  const foreign = createRoomKeys('another secret of another installation')
  const tries = attack('page', 'forged tickets and seats of rooms')
  const [text = '', mac = ''] = one.callee.split('.')
  const later = text.replace(/-\w+-/, `-${(Date.now() + 10 ** 9).toString(36)}-`)
  const secrets: readonly string[] = [
    ...[one.callee, one.caller, other.callee.replace('callee', 'caller'), other.callee, other.caller],
    ...[
      `${later}.${mac}`,
      `${text}.${'A'.repeat(43)}`,
      `${text}.`,
      `.${mac}`,
      `${mac}.${text}`,
      `${text}.${mac}.${mac}`,
    ],
    ...[
      `${text} .${mac}`,
      text.padEnd(40, '0'),
      mac,
      anns.welcome.seat.toLowerCase(),
      `${anns.welcome.seat}=`,
    ],
    ...[foreign.firstTicket(one.room, 'callee', Date.now()), foreign.seat(one.room, 'callee')],
    ...['x'.repeat(16), 'x'.repeat(200), '\u0000'.repeat(20), '💥'.repeat(20), "' or 1=1 --          "],
  ]
  for (const secret of secrets)
    for (const by of ['ticket', 'seat'] as const) {
      // A seat that is right is no forgery, nor is a ticket of the room itself that was used by its own page.
      const room = one.room
      await tries.hold(`${by} ${secret}`, async () => {
        const page = await openRoomPage(server, room)
        page.send(sound(secret, { by }) as never)
        expect(await cameOf(page)).toEqual({ types: ['refused'], code: 4403 })
      })
    }
  // Of a room that nobody has come to, too.
  for (const secret of [one.callee, anns.welcome.seat, bells.welcome.seat])
    for (const by of ['ticket', 'seat'] as const)
      await tries.hold(`elsewhere ${by}`, async () => {
        const page = await openRoomPage(server, other.room)
        page.send(sound(secret, { by }) as never)
        expect(await cameOf(page)).toEqual({ types: ['refused'], code: 4403 })
      })
  await goOn()
})

test('Z8.2 RM1.6 frames of wrong shapes, before a hello and after it, end the connection that sends them and touch nobody else', async () => {
  const { server, other, anns, bells, goOn } = await rooms()
  const tries = attack('page', 'frames of a room that are none')
  const wrong: readonly (string | Buffer)[] = [
    ...['', ' ', '[]', '42', 'null', '"hello"', '{}', 'not json', '{"type":"hello"', '{"type":["beat"]}'],
    ...['{"type":"welcome"}', '{"type":"__proto__"}', '{"type":"constructor"}', '{"type":"beat"}'],
    ...['-1', '1.5', '1e999', '"1"', '9007199254740993', 'null', '[]'].map((n) => `{"type":"beat","n":${n}}`),
    JSON.stringify(sound('short')),
    JSON.stringify(sound('x'.repeat(201))),
    ...['page', 'secret', 'state', 'protocol', 'by', 'was'].map((left) =>
      JSON.stringify({ ...sound('x'.repeat(40)), [left]: undefined }),
    ),
    JSON.stringify(sound('x'.repeat(40), { page: 'x' })),
    JSON.stringify(sound('x'.repeat(40), { page: 'x'.repeat(65) })),
    JSON.stringify(sound('x'.repeat(40), { protocol: roomProtocol + 1 })),
    JSON.stringify(sound('x'.repeat(40), { state: { joined: 'yes' } })),
    `{"type":"signal","epoch":1,"signal":${'['.repeat(4_000)}${']'.repeat(4_000)}}`,
    JSON.stringify({
      type: 'signal',
      epoch: 1,
      signal: { description: { type: 'rollback', sdp: '' }, offer: 1 },
    }),
    JSON.stringify({
      type: 'signal',
      epoch: 1,
      signal: { description: { type: 'offer', sdp: 'x'.repeat(60_001) }, offer: 1 },
    }),
    JSON.stringify({ type: 'signal', epoch: 1, signal: { candidate: { candidate: 'x' } } }),
    Buffer.from('{"type":"beat","n":1}'),
    'x'.repeat(longestRoomFrame + 1),
  ]
  for (const what of wrong)
    await tries.hold(`before: ${String(what)}`, async () => {
      const page = await openRoomPage(server, other.room)
      page.sendRaw(what)
      const { types, code } = await cameOf(page)
      expect(types).toEqual([])
      expect([4400, 1009]).toContain(code)
    })
  // And of one of the two themselves: nothing of it reaches the other.
  const seat = (await seatedPage(server, other.room, { ticket: other.callee })).welcome.seat
  for (const what of wrong)
    await tries.hold(`after: ${String(what)}`, async () => {
      // By one seat one comes in each second, and those who are in their room say so meanwhile.
      server.clock.advance(1_000)
      await Promise.all([anns.beat(), bells.beat()])
      const page = await seatedPage(server, other.room, { seat })
      page.sendRaw(what)
      const { types, code } = await cameOf(page)
      expect(types.filter((type) => type !== 'other')).toEqual(['welcome'])
      expect([4400, 1009]).toContain(code)
    })
  await tries.hold('a second hello', async () => {
    const page = await seatedPage(server, other.room, { seat })
    page.hello({ seat })
    expect((await cameOf(page)).code).toBe(4400)
  })
  await goOn()
})

test('Z8.3 RM1.6 bytes that are no WebSocket, and upgrades of no room, get nowhere', async () => {
  const { server, other, goOn } = await rooms()
  const tries = attack('page', 'bytes at a room’s address')
  const origin = `Origin: ${server.url}\r\n`
  const headers = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${origin}`
  const path = `/rooms/${other.room}/socket`
  const bytes: Record<string, Buffer> = {
    'not masked': frame({ opcode: 1, payload: '{"type":"beat","n":1}', masked: false }),
    'compressed as nobody agreed': frame({ opcode: 1, payload: '{}', reserved: 4 }),
    'a length of 2^63': frame({ opcode: 1, claims: 2n ** 63n }),
    'a length of 1 GiB': frame({ opcode: 2, claims: 2n ** 30n }),
    '20,000 empty pieces': Buffer.concat([
      frame({ opcode: 1, fin: false }),
      ...Array.from({ length: 20_000 }, () => frame({ opcode: 0, fin: false })),
      text('{}'),
    ]),
    'more pings than frames': Buffer.concat(
      Array.from({ length: mostRoomFrames + 1 }, () => frame({ opcode: 9 })),
    ),
  }
  for (const [what, sent] of Object.entries(bytes))
    await tries.hold(what, async () => {
      const raw = await openRawWebSocket(server.url, { path, headers })
      expect(raw.status).toBe(101)
      raw.write(sent)
      await within(9_000, raw.closed)
      expect(raw.received().toString('latin1')).not.toContain('"type"')
    })
  for (const other of [
    '/rooms//socket',
    '/rooms/../socket/x',
    `/rooms/${'x'.repeat(65)}/socket`,
    `${path}/x`,
    '/rooms/a%2fb/socket',
    '/rooms/socket',
  ])
    await tries.hold(other, async () => {
      const raw = await openRawWebSocket(server.url, { path: other, headers })
      expect(raw.status).toBe(404)
      raw.socket.destroy()
    })
  await goOn()
})

test('Z8.4 RM1.7 a page of any other origin, or a program without one, opens no room’s connection', async () => {
  const { server, other, goOn } = await rooms()
  const tries = attack('page', 'rooms opened from other origins')
  const { port } = new URL(server.url)
  const origins = [
    ...['https://evil.example', 'null', `http://127.0.0.1:${Number(port) + 1}`, `https://127.0.0.1:${port}`],
    ...[
      `http://127.0.0.1:${port}.evil.example`,
      `http://evil.example:${port}`,
      `http://127.0.0.1:${port}/`,
      '',
    ],
    ...['chrome-extension://abcdefghijklmnopabcdefghijklmnop', `http://LOCALHOST:${port}x`],
  ]
  for (const origin of [...origins, undefined])
    await tries.hold(String(origin), async () => {
      const line = origin === undefined ? '' : `Origin: ${origin}\r\n`
      const headers = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${line}`
      const raw = await openRawWebSocket(server.url, { path: `/rooms/${other.room}/socket`, headers })
      expect(raw.status).toBe(403)
      raw.socket.destroy()
    })
  await seatedPage(server, other.room, { ticket: other.callee })
  await goOn()
})

test('Z8.5 RM1.6 who says more than a hundred things in a second is cut off, and the other one hears no more of it than came', async () => {
  const { server, other, goOn } = await rooms()
  const tries = attack('page', 'floods in rooms')
  const bens = await seatedPage(server, other.room, { ticket: other.callee })
  const floods: Record<string, (page: RoomPage, epoch: number) => void> = {
    beats: (page) => page.send({ type: 'beat', n: 1 }),
    states: (page) => page.send({ type: 'state', state: joined }),
    'asking for relays': (page) => page.send({ type: 'ice' }),
    signals: (page, epoch) =>
      page.send({
        type: 'signal',
        epoch,
        signal: { description: { type: 'offer', sdp: 'x'.repeat(60_000) }, offer: 1 },
      }),
  }
  let seat: string | undefined
  for (const [what, say] of Object.entries(floods))
    await tries.hold(what, async () => {
      const page = await seatedPage(
        server,
        other.room,
        seat === undefined ? { ticket: other.caller } : { seat },
      )
      seat = page.welcome.seat
      const before = bens.received.length
      for (let n = 0; n < 400; n += 1) say(page, page.welcome.epoch)
      // Where more is under way than is read the last word may be lost.
      expect([4429, 1006]).toContain((await within(9_000, page.closed())).code)
      await bens.beat()
      expect(bens.received.length - before).toBeLessThanOrEqual(mostRoomFrames + 4)
    })
  await goOn()
})

test('Z8.6 RM1.6 whoever opens rooms’ connections and says nothing keeps none for longer than five seconds', async () => {
  const { server, other, goOn } = await rooms()
  const tries = attack('page', 'connections of rooms without a hello')
  const silent = await Promise.all(
    Array.from({ length: 200 }, () => {
      const address = `${server.url.replace('http', 'ws')}/rooms/${other.room}/socket`
      return new WebSocket(address, { origin: server.url })
    }),
  )
  const codes = silent.map(
    (socket) =>
      new Promise<number>((resolve) => {
        socket.on('error', () => {})
        socket.on('close', resolve)
        onTestFinished(() => socket.terminate())
      }),
  )
  tries(silent.length)
  await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once('open', resolve))))
  await goOn()
  server.clock.advance(5_000)
  expect(new Set(await within(9_000, Promise.all(codes)))).toEqual(new Set([4408]))
})

test('Z8.7 RM3.1 nobody but the two hears what is said in a room, and each of them says nothing in another’s name or room', async () => {
  const { server, one, other, anns, bells } = await rooms()
  const tries = attack('page', 'signals for others')
  const bens = await seatedPage(server, other.room, { ticket: other.callee })
  const stranger = await seatedPage(server, other.room, { ticket: other.caller })
  const secret = 'a fingerprint that is nobody else’s'
  const signal = { description: { type: 'offer' as const, sdp: secret }, offer: 1 }
  for (let epoch = 0; epoch < 12; epoch += 1)
    await tries.hold(`epoch ${epoch}`, async () => {
      stranger.send({
        ...{ type: 'signal', epoch, signal, side: 'callee', room: one.room, kind: 'signal' },
      } as never)
      await Promise.all([anns.beat(), bells.beat(), stranger.beat()])
      for (const page of [anns, bells, stranger]) expect(JSON.stringify(page.received)).not.toContain(secret)
    })
  const heard = bens.received.filter(({ type }) => type === 'signal')
  expect(heard).toEqual([{ type: 'signal', epoch: 2, signal }])
})
