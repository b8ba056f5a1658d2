import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { createSockets } from '../../../entrypoints/background/connection/sockets.ts'
import type { ReachabilityEvent } from '../../../entrypoints/background/reachability/events.ts'
import { closeCodes } from '../../../protocol/close-codes.ts'
import { type DeviceMessage, protocolVersion, type ServerMessage } from '../../../protocol/connection.ts'
import { welcomeTo } from '../../support/welcome.ts'

let server: WebSocketServer
beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
})
afterEach(() => {
  for (const client of server.clients) client.terminate()
  return new Promise((resolve) => server.close(resolve))
})

const account = { id: 'u', username: 'ann', email: 'a@a.example', name: 'Ann', picture: null, language: null }
const challenge: ServerMessage = { type: 'challenge', nonce: 'n' }
const welcome = welcomeTo(account)
const outranked: ServerMessage = { type: 'outranked', boot: 1, live: false }
const told: ServerMessage = { type: 'account', account }
const hello: DeviceMessage = {
  type: 'hello',
  protocol: protocolVersion,
  token: 't',
  device: 'd',
  proof: 'p',
  order: { boot: 1, n: 1 },
  takeOver: true,
}

/** A device's sockets, with one that is open to a server that says what it is told to. */
async function connected() {
  const events: ReachabilityEvent[] = []
  const heard: string[] = []
  const sockets = createSockets(
    (event) => {
      events.push(event)
      if (event.type === 'closed') sockets.close(event.connection)
    },
    (_, { type }) => heard.push(type),
  )
  const opened = once(server, 'connection') as Promise<[ServerSocket]>
  const { port } = server.address() as AddressInfo
  sockets.open(1, `http://127.0.0.1:${port}`)
  const [socket] = await opened
  const say = (...messages: readonly unknown[]) => {
    for (const message of messages)
      socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }
  const greet = async () => {
    say(challenge)
    await vi.waitFor(() => expect(heard).toContain('challenge'))
    sockets.send(1, hello)
  }
  return { events, heard, say, greet, socket, sockets, send: () => sockets.send(1, hello) }
}

const isClosed = (events: readonly ReachabilityEvent[]) =>
  vi.waitFor(() => expect(events).toEqual([{ type: 'closed', connection: 1, after: 'retry' }]), 10_000)

test('L3.7 a server that keeps to its turns is heard', async () => {
  const { events, heard, say, greet } = await connected()
  await greet()
  say(welcome, told, { type: 'of a newer server' }, outranked, told)
  await vi.waitFor(() => expect(heard).toEqual(['challenge', 'welcome', 'account', 'outranked', 'account']))
  expect(events).toEqual([])
})

test.each([
  ['a welcome before the challenge', [welcome]],
  ['a welcome before the hello', [challenge, welcome]],
  ['an account before the hello', [challenge, told]],
  ['an account before everything', [told]],
  ['outranked before the hello', [challenge, outranked]],
  ['a second challenge', [challenge, challenge]],
  ['no JSON', ['{']],
])('L3.7 %s closes the connection', async (_, messages) => {
  const { events, heard, say } = await connected()
  say(...messages, told)
  await isClosed(events)
  expect(heard).not.toContain('account')
  expect(heard).not.toContain('welcome')
})

test.each([
  ['a second welcome', [welcome, welcome]],
  ['a challenge', [welcome, challenge]],
  ['a ring before the welcome', [{ type: 'ring', call: { id: 'a', from: 'X', at: 1, ringsFor: 1 } }]],
])('L3.7 after the hello %s closes the connection', async (_, messages) => {
  const { events, heard, say, greet } = await connected()
  await greet()
  say(...messages, told)
  await isClosed(events)
  expect(heard).not.toContain('account')
})

test('L3.7 so many messages as no server of ours has to say close the connection', async () => {
  const { events, heard, say, greet } = await connected()
  await greet()
  say(welcome, ...Array.from({ length: 600 }, () => told))
  await isClosed(events)
  expect(heard).toHaveLength(500)
})

test('L3.7 so do messages that are not known, and so many letters', async () => {
  const strangers = await connected()
  strangers.say(...Array.from({ length: 501 }, () => ({ type: 'x' })))
  await isClosed(strangers.events)
  const long = await connected()
  long.say(...Array.from({ length: 64 }, () => ({ type: 'x', padding: 'y'.repeat(250_000) })))
  await isClosed(long.events)
})

test('L3.7 a new connection begins anew', async () => {
  const first = await connected()
  first.say(challenge, challenge)
  await isClosed(first.events)
  const { events, heard, greet } = await connected()
  await greet()
  expect([events, heard]).toEqual([[], ['challenge']])
})

test.each([
  [closeCodes.passwordChanged.code, 'passwordChanged'],
  [closeCodes.endedInMyAccount.code, 'endedInMyAccount'],
  [closeCodes.sessionEnded.code, undefined],
  [closeCodes.proofRefused.code, undefined],
])(
  'A8.16 a session that a server ends with %s is over, and of the reason is known: %s',
  async (code, why) => {
    const { events, socket } = await connected()
    socket.close(code)
    await vi.waitFor(() =>
      expect(events).toEqual([{ type: 'closed', connection: 1, after: 'sign-out', why }]),
    )
  },
)

test('L3.10 two connections are held at once, each heard, said on and closed by its number', async () => {
  const first = await connected()
  const { port } = server.address() as AddressInfo
  const opened = once(server, 'connection') as Promise<[ServerSocket]>
  first.sockets.open(2, `http://127.0.0.1:${port}`)
  const [second] = await opened
  second.send(JSON.stringify(challenge))
  await first.greet()
  await vi.waitFor(() => expect(first.heard).toEqual(['challenge', 'challenge']))
  const said = once(second, 'message')
  first.sockets.send(2, hello)
  expect(JSON.parse(String((await said)[0]))).toEqual(hello)
  first.sockets.close(1)
  second.send(JSON.stringify(welcome))
  await vi.waitFor(() => expect(first.heard.at(-1)).toBe('welcome'))
  expect(first.events).toEqual([])
})
