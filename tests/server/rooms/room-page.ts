import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import * as v from 'valibot'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import {
  type RoomPageMessage,
  type RoomServerMessage,
  type RoomState,
  roomLeaves,
  roomProtocol,
  roomServerMessage,
} from '../../../protocol/room.ts'
import type { Database } from '../../../server/database/tables.ts'

type Type = RoomServerMessage['type']
type Of<T extends Type> = Extract<RoomServerMessage, { type: T }>

/** The page of a room as its socket sees it. */
export interface RoomPage {
  readonly socket: WebSocket
  readonly received: readonly RoomServerMessage[]
  /** By which it says hello again. */
  readonly page: string
  send(message: RoomPageMessage): void
  sendRaw(frame: string | Buffer): void
  /** Says hello, by a ticket or by a seat. */
  hello(by: Readonly<{ ticket: string }> | Readonly<{ seat: string }>, more?: Partial<Hello>): void
  beat(): Promise<Of<'beat'>>
  /** The next message of this type that was not taken yet. */
  next<T extends Type>(type: T): Promise<Of<T>>
  /** The next `other` that says whether they are here. */
  other(isHere: boolean): Promise<Of<'other'>>
  /** Closes its connection as a page does that goes. */
  leave(): void
  closed(): Promise<{ readonly code: number; readonly reason: string }>
}

type Hello = Extract<RoomPageMessage, { type: 'hello' }>

export const joined: RoomState = { joined: true, muted: false, camera: false, sharing: false }

/** The address of a room as the server names it: its token, and its ticket. */
export function partsOf(address: string): { readonly room: string; readonly ticket: string } {
  const url = new URL(address)
  return {
    room: /^\/rooms\/([\w-]+)$/.exec(url.pathname)?.[1] ?? '',
    ticket: new URLSearchParams(url.hash.slice(1)).get('t') ?? '',
  }
}

let beats = 0

/**
 * Opens a room's connection, and says nothing on it yet.
 *
 * @param page of one that connects again; another one by default.
 */
export async function openRoomPage(
  server: { readonly url: string },
  room: string,
  { page = randomUUID(), origin = server.url }: { readonly page?: string; readonly origin?: string } = {},
): Promise<RoomPage> {
  const address = `${server.url.replace('http', 'ws')}/rooms/${room}/socket`
  const socket = new WebSocket(address, { origin, perMessageDeflate: false })
  const received: RoomServerMessage[] = []
  const taken = new Set<RoomServerMessage>()
  socket.on('message', (data) => received.push(v.parse(roomServerMessage, JSON.parse(String(data)))))
  const closing = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
  })
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  socket.on('error', () => {})

  const nextOf = async <T extends Type>(type: T, isIt: (message: Of<T>) => boolean): Promise<Of<T>> => {
    const find = () =>
      received.find(
        (message): message is Of<T> => message.type === type && !taken.has(message) && isIt(message as Of<T>),
      )
    for (;;) {
      const found = find()
      if (found) {
        taken.add(found)
        return found
      }
      const code = await Promise.race([
        once(socket, 'message').then(() => 0),
        closing.then((end) => end.code),
      ])
      if (code !== 0 && !find()) throw new Error(`closed (${code}) before ${type} came`)
    }
  }
  const next = <T extends Type>(type: T): Promise<Of<T>> => nextOf(type, () => true)
  const send = (message: RoomPageMessage) => socket.send(JSON.stringify(message))

  return {
    socket,
    received,
    page,
    send,
    sendRaw: (frame) => socket.send(frame),
    hello(by, more = {}) {
      const secret = 'ticket' in by ? by.ticket : by.seat
      const how = 'ticket' in by ? 'ticket' : 'seat'
      send({
        ...{ type: 'hello', protocol: roomProtocol, by: how, secret, page, was: null, state: joined },
        ...more,
      })
    },
    beat() {
      beats += 1
      const n = beats
      send({ type: 'beat', n })
      return nextOf('beat', (answer) => answer.n === n)
    },
    next,
    other: (isHere) => nextOf('other', ({ here }) => (here !== null) === isHere),
    leave: () => socket.close(roomLeaves),
    closed: () => closing,
  }
}

/** Opens a page that is let in. */
export async function seatedPage(
  server: { readonly url: string },
  room: string,
  by: Readonly<{ ticket: string }> | Readonly<{ seat: string }>,
  more: Partial<Hello> & { readonly page?: string } = {},
): Promise<RoomPage & { readonly welcome: Of<'welcome'> }> {
  const page = await openRoomPage(server, room, more.page === undefined ? {} : { page: more.page })
  page.hello(by, more)
  return { ...page, welcome: await page.next('welcome') }
}

/** Says the beats of these pages, as a page does, until the test ends. */
export function keepBeating(...pages: readonly RoomPage[]): void {
  const beating = setInterval(() => {
    for (const page of pages)
      if (page.socket.readyState === page.socket.OPEN) void page.beat().catch(() => {})
  }, 1_000)
  onTestFinished(() => clearInterval(beating))
}

/** Writes down a call that was answered, without ringing anybody. */
export async function answeredCallIn(
  db: Database,
  call: {
    readonly callee: string
    readonly caller?: string
    readonly placedBy?: string
    readonly answeredAt: number
  },
): Promise<{ readonly id: string; readonly room: string }> {
  const id = randomUUID()
  const room = randomUUID().replaceAll('-', '').slice(0, 22)
  await db
    .insertInto('call')
    .values({
      ...{ id, room, userId: call.callee, callerId: call.caller ?? null, callerDevice: null },
      ...{ to: 'Ann Able', from: 'Dr Bell', placedBy: call.placedBy ?? 'operator', idempotencyKey: null },
      ...{ state: 'answered', disposition: 'ringing', why: null, devices: 1, appearance: 1 },
      ...{ at: call.answeredAt - 1_000, deadline: call.answeredAt, endedAt: call.answeredAt },
      ...{ byDevice: 'device-1', seenAt: null, mailedAt: null },
    } as const)
    .execute()
  return { id, room }
}
