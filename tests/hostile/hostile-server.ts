import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { type DeviceMessage, protocolVersion } from '../../protocol/connection.ts'
import { defaultTiming, type Timing } from '../../protocol/timing.ts'
import { welcomeTo } from '../support/welcome.ts'

/** The shortest that a device takes: green of it ends within a second or so. */
export const shortTiming: Timing = { heartbeatEvery: 600, answerWithin: 150, leaseFor: 1_780 }

export const account = {
  id: 'u',
  username: 'ann',
  email: 'ann@clinic.example',
  name: 'Ann Example',
  picture: null,
  language: null,
}

const welcome = (timing: Timing) => welcomeTo(account, { timing })

type Says = DeviceMessage['type']

/** One connection of the device, with a server that says what it likes. */
export interface Conversation {
  readonly socket: WebSocket
  /** Monotonic milliseconds. */
  readonly openedAt: number
  /** Sends these, text as it is and everything else as JSON. */
  readonly say: (...frames: readonly unknown[]) => void
  /** The next message of this type that the device says. */
  readonly heard: <T extends Says>(type: T) => Promise<Extract<DeviceMessage, { type: T }>>
  /** Everything that the device said. */
  readonly all: readonly DeviceMessage[]
  readonly closed: Promise<unknown>
  /** Whether the device still listens on it, once it has dealt with what was said before. */
  readonly isAlive: () => Promise<boolean>
  /** As a server of ours does: up to the welcome. */
  readonly welcome: (timing?: Timing) => Promise<void>
  /** And up to the first lease. */
  readonly lease: (timing?: Timing) => Promise<void>
}

function converse(socket: WebSocket): Conversation {
  const all: DeviceMessage[] = []
  const waiting = new Map<Says, ((message: DeviceMessage) => void)[]>()
  const unheard = new Map<Says, DeviceMessage[]>()
  const closed = once(socket, 'close')
  socket.on('error', () => {})
  socket.on('message', (frame) => {
    const message = JSON.parse(String(frame)) as DeviceMessage
    all.push(message)
    const [first, ...others] = waiting.get(message.type) ?? []
    waiting.set(message.type, others)
    if (first) first(message)
    else unheard.set(message.type, [...(unheard.get(message.type) ?? []), message])
  })
  const say = (...frames: readonly unknown[]) => {
    for (const frame of frames)
      if (socket.readyState === socket.OPEN)
        socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame))
  }
  const heard = <T extends Says>(type: T) => {
    const [first, ...others] = unheard.get(type) ?? []
    unheard.set(type, others)
    type Message = Extract<DeviceMessage, { type: T }>
    if (first) return Promise.resolve(first as Message)
    return new Promise<Message>((resolve) => {
      waiting.set(type, [...(waiting.get(type) ?? []), resolve as (message: DeviceMessage) => void])
    })
  }
  const greet = async (timing = defaultTiming) => {
    say({ type: 'challenge', nonce: 'n' })
    await heard('hello')
    say(welcome(timing))
  }
  return {
    socket,
    openedAt: performance.now(),
    say,
    heard,
    all,
    closed,
    isAlive: () => {
      const answered = once(socket, 'pong').then(() => true)
      socket.ping()
      return Promise.race([answered, closed.then(() => false)])
    },
    welcome: greet,
    lease: async (timing = defaultTiming) => {
      await greet(timing)
      const { n } = await heard('heartbeat')
      say({ type: 'lease', n, leaseFor: timing.leaseFor })
    },
  }
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void

export const json =
  (body: unknown, status = 200): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

/** A server that somebody was talked into, on a free port; it ends with the test. */
export async function startHostileServer() {
  const answers: Record<string, Answer> = {
    '/health': json({ service: 'reachable', protocols: [protocolVersion] }),
    '/api/session': json({ token: 'token', endToken: 'end', account }),
    '/api/session/end': (response) => response.writeHead(204).end(),
  }
  const connections: Conversation[] = []
  let take: (conversation: Conversation) => void = () => {}
  const server = createServer((request, response) => {
    response.on('error', () => {})
    request.resume()
    const answer = answers[request.url?.split('?')[0] ?? '']
    if (answer) answer(response, request)
    else response.writeHead(404).end()
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => {
    const conversation = converse(socket)
    connections.push(conversation)
    take(conversation)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** How each path is answered, by its text. */
    answers,
    /** Every connection there was, oldest first. */
    connections,
    /** What is done with each connection from now on. */
    onConnection: (does: (conversation: Conversation) => void) => {
      take = does
    },
    /**
     * The connection that the device opens because of this, and goes on with: one that it had just begun by itself, and
     * closes for that, may come first.
     */
    connectionBy: async (does: () => unknown): Promise<Conversation> => {
      const from = connections.length
      take = () => {}
      does()
      for (let at = from; ; at += 1) {
        const came = () => connections[at] ?? Promise.reject(new Error('no connection'))
        const conversation = await vi.waitFor(came, { timeout: 10_000, interval: 1 })
        if (await conversation.isAlive()) return conversation
      }
    },
  }
}

export type HostileServer = Awaited<ReturnType<typeof startHostileServer>>
