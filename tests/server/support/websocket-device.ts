import { once } from 'node:events'
import * as v from 'valibot'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import {
  type ConnectionOrder,
  type DeviceMessage,
  protocolVersion,
  type ServerMessage,
  serverMessage,
} from '../../../protocol/connection.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { keyOf, proofOf } from './dpop-proofs.ts'
import type { TestServer } from './in-process-server.ts'
import { sessionOf } from './people.ts'

type Type = ServerMessage['type']
type Of<T extends Type> = Extract<ServerMessage, { type: T }>

interface Waiting {
  readonly type: Type
  readonly take: (message: ServerMessage) => void
  readonly fail: (why: Error) => void
}

interface Closed {
  readonly code: number
  readonly reason: string
}

/** A device's end of a connection, as the extension has it, without the extension. */
export interface DeviceConnection {
  readonly socket: WebSocket
  readonly received: readonly ServerMessage[]
  send(message: DeviceMessage): void
  sendRaw(frame: string | Buffer): void
  /** The next message of this type that has not been taken yet. */
  next<T extends Type>(type: T): Promise<Of<T>>
  /** The code the connection was closed with, and the reason. */
  closed(): Promise<Closed>
  close(): void
}

/** Opens a connection and says nothing on it yet. */
export async function openConnection(
  url: string,
  headers: Record<string, string> = {},
): Promise<DeviceConnection> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket`, { headers, perMessageDeflate: false })
  const received: ServerMessage[] = []
  let untaken: ServerMessage[] = []
  let waiting: Waiting[] = []
  socket.on('message', (data) => {
    const message = v.parse(serverMessage, JSON.parse(String(data)))
    received.push(message)
    const taker = waiting.find(({ type }) => type === message.type)
    if (!taker) return untaken.push(message)
    waiting = waiting.filter((other) => other !== taker)
    taker.take(message)
  })
  const closing = new Promise<Closed>((resolve) => {
    socket.on('close', (code, reason) => {
      for (const { type, fail } of waiting) fail(new Error(`closed (${code} ${reason}) before ${type} came`))
      resolve({ code, reason: String(reason) })
    })
  })
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  socket.on('error', () => {})

  const next = <T extends Type>(type: T): Promise<Of<T>> =>
    new Promise((resolve, fail) => {
      const take = (message: ServerMessage) => resolve(message as Of<T>)
      const there = untaken.find((message) => message.type === type)
      untaken = untaken.filter((message) => message !== there)
      if (there) take(there)
      else waiting.push({ type, take, fail })
    })

  return {
    socket,
    received,
    send: (message) => socket.send(JSON.stringify(message)),
    sendRaw: (frame) => socket.send(frame),
    next,
    closed: () => closing,
    close: () => socket.terminate(),
  }
}

export interface WebSocketDevice extends DeviceConnection {
  readonly welcome: Of<'welcome'>
  /** Sends a heartbeat and waits for the lease. */
  lease(): Promise<Of<'lease'>>
}

let heartbeats = 0
let hellos = 0

export interface Hello {
  readonly token: string
  readonly device: string
  readonly protocol?: number
  readonly order?: ConnectionOrder
  readonly takeOver?: boolean
}

/** The place of the next connection, after every connection that was opened before it. */
export function nextOrder(): ConnectionOrder {
  hellos += 1
  return { boot: 1, n: hellos }
}

/** Says hello on a connection, with whatever proof is made for its challenge. */
export async function sayHello(
  connection: DeviceConnection,
  hello: Hello,
  prove: (nonce: string) => Promise<string>,
): Promise<{ nonce: string; proof: string }> {
  const { nonce } = await connection.next('challenge')
  const proof = await prove(nonce)
  const order = nextOrder()
  connection.send({ type: 'hello', protocol: protocolVersion, order, takeOver: true, ...hello, proof })
  return { nonce, proof }
}

/** Says hello on a connection of the server at `url`, proving the key of the device. */
export async function sendHello(connection: DeviceConnection, url: string, hello: Hello): Promise<void> {
  const key = await keyOf(hello.device)
  const asked = { url: `${url}/socket`, method: 'GET', token: hello.token }
  await sayHello(connection, hello, (nonce) => proofOf(key, { ...asked, nonce }))
}

/** Says hello with a session's token and waits to be welcomed. */
export async function connectDevice(url: string, token: string, device: string): Promise<WebSocketDevice> {
  const connection = await openConnection(url)
  await sendHello(connection, url, { token, device })
  const welcome = await connection.next('welcome')
  const lease = () => {
    heartbeats += 1
    connection.send({ type: 'heartbeat', n: heartbeats })
    return connection.next('lease')
  }
  return { ...connection, welcome, lease }
}

/** A person who has a session on a device, and the device a lease. */
export async function reachableDevice(
  server: TestServer,
  person: NewAccount,
  device = 'device-1',
): Promise<WebSocketDevice> {
  const connection = await connectDevice(server.url, await sessionOf(server, person, device), device)
  await connection.lease()
  return connection
}
