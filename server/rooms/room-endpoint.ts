import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import {
  browserLeaves,
  longestRoomFrame,
  mostRoomBytes,
  mostRoomFrames,
  parseRoomPageMessage,
  type RoomCloseReason,
  type RoomPageWord,
  type RoomServerMessage,
  roomCloseCodes,
  roomLeaves,
  roomTiming,
} from '../../protocol/room.ts'
import type { Clock } from '../clock.ts'
import type { RoomConnection, Rooms } from './rooms.ts'

/** How long a closing connection may take to agree, in ms. */
const closeWithin = 1_000
/** In how many frames a message, and in how many packets a frame may come. A page sends one in few. */
const mostPieces = 64
const mostPackets = 512
/** More than this waiting to leave, in bytes, and the page is not reading: several seconds of all that the other may say. */
const mostWaiting = 4 * mostRoomBytes
const second = 1_000

/** What a page that keeps to the protocol never causes: of whoever does nothing more is read. */
const faults: ReadonlySet<RoomCloseReason> = new Set(['malformed', 'tooMany', 'helloLate'])

const socketPath = /^\/rooms\/([A-Za-z0-9_-]{1,64})\/socket$/

export interface RoomEndpointDependencies {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly rooms: Rooms
  /** The origins of this server's own pages. */
  readonly serverOrigins: () => readonly string[]
  readonly hasRoom: (request: IncomingMessage) => boolean
  /** Whoever speaks here is one of the two of a call. */
  readonly admit: (stream: Duplex) => void
  readonly refuse: (stream: Duplex, status: '403 Forbidden' | '503 Service Unavailable') => void
}

export interface RoomEndpoint {
  /** Takes an upgrade of a room's address. @returns false for any other address: nothing was done. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): boolean
  /** Closes connections whose hello is late. */
  tick(): void
  /** From now on nobody new is taken, and every page is sent to another node. */
  refuse(): void
  /** The same; resolves when the last connection is gone. */
  close(): Promise<void>
  readonly connections: number
  /** How many were closed since the start because they said too much. */
  readonly cutOff: number
}

/** One page's WebSocket. */
class PageConnection implements RoomConnection {
  readonly room: string
  readonly openedAt: number
  readonly stream: Duplex
  readonly #socket: WebSocket
  hello: 'awaited' | 'looked-at' | 'welcomed' = 'awaited'
  /** What came while the hello was looked at. */
  readonly early: RoomPageWord[] = []
  /** Whether the page has said so since its last beat. */
  isLeaving = false
  /** How many frames and bytes came in the second that began at `since`. */
  frames = 0
  bytes = 0
  since: number

  constructor(socket: WebSocket, stream: Duplex, opened: { readonly room: string; readonly at: number }) {
    this.#socket = socket
    this.stream = stream
    this.room = opened.room
    this.openedAt = opened.at
    this.since = opened.at
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  send(message: RoomServerMessage): void {
    if (!this.open) return
    if (this.#socket.bufferedAmount <= mostWaiting) this.#socket.send(JSON.stringify(message))
    else this.#socket.terminate()
  }

  close(why: RoomCloseReason): void {
    this.#socket.close(roomCloseCodes[why].code, why)
    if (!faults.has(why)) return
    this.#socket.pause()
    this.stream.end()
  }

  cut(): void {
    this.#socket.terminate()
  }
}

/** `/rooms/:id/socket` of an HTTP server: upgrades, frames in, limits kept. */
export function openRoomEndpoint(dependencies: RoomEndpointDependencies): RoomEndpoint {
  const { clock, rooms, serverOrigins, hasRoom, admit } = dependencies
  // These are not in the published types yet.
  const options: ServerOptions<typeof WebSocket> & {
    closeTimeout: number
    maxFragments: number
    maxBufferedChunks: number
  } = {
    noServer: true,
    clientTracking: false,
    maxPayload: longestRoomFrame,
    perMessageDeflate: false,
    closeTimeout: closeWithin,
    maxFragments: mostPieces,
    maxBufferedChunks: mostPackets,
  }
  const upgrades = new WebSocketServer(options)
  const connections = new Set<PageConnection>()
  let isRefusing = false
  let cutOff = 0
  let onEmpty: (() => void) | undefined

  /** Counts a frame. @returns whether there is anything to be done about it. */
  const hear = (connection: PageConnection, bytes: number): boolean => {
    if (!connection.open) return false
    const now = clock.monotonic()
    if (now - connection.since >= second) {
      connection.since = now
      connection.frames = 0
      connection.bytes = 0
    }
    connection.frames += 1
    connection.bytes += bytes
    if (connection.frames <= mostRoomFrames && connection.bytes <= mostRoomBytes) return true
    cutOff += 1
    connection.close('tooMany')
    return false
  }

  const onMessage = (connection: PageConnection, data: RawData, isBinary: boolean) => {
    const text = String(data)
    if (!hear(connection, text.length)) return
    const message = isBinary ? undefined : parseRoomPageMessage(text)
    if (!message || (message.type === 'hello') !== (connection.hello === 'awaited'))
      return connection.close('malformed')
    if (message.type === 'leaving' || message.type === 'beat')
      connection.isLeaving = message.type === 'leaving'
    if (message.type === 'leaving') return
    if (message.type !== 'hello') {
      if (connection.hello === 'welcomed') return rooms.handle(connection, message)
      connection.early.push(message)
      if (connection.early.length <= mostRoomFrames) return
      cutOff += 1
      return connection.close('tooMany')
    }
    connection.hello = 'looked-at'
    void rooms.hello(connection, message).then((isIn) => {
      if (!isIn) return
      connection.hello = 'welcomed'
      admit(connection.stream)
      for (const early of connection.early.splice(0)) rooms.handle(connection, early)
    })
  }

  const onOpen = (socket: WebSocket, stream: Duplex, room: string) => {
    const connection = new PageConnection(socket, stream, { room, at: clock.monotonic() })
    connections.add(connection)
    socket.on('message', (data, isBinary) => onMessage(connection, data, isBinary))
    socket.on('ping', () => void hear(connection, 0))
    socket.on('pong', () => void hear(connection, 0))
    // ws closes the connection itself; what went wrong with it is the other side's affair.
    socket.on('error', () => {})
    socket.on('close', (code) => {
      connections.delete(connection)
      rooms.closed(connection, code === roomLeaves || (code === browserLeaves && connection.isLeaving))
      if (connections.size === 0) onEmpty?.()
    })
  }

  const refuse = () => {
    isRefusing = true
    for (const connection of connections) connection.close('serverStopping')
  }

  return {
    upgrade(request, stream, head) {
      const room = socketPath.exec(request.url?.split('?', 1)[0] ?? '')?.[1]
      if (room === undefined) return false
      const { origin } = request.headers
      if (origin === undefined || !serverOrigins().includes(origin)) {
        dependencies.refuse(stream, '403 Forbidden')
        return true
      }
      if (isRefusing || !hasRoom(request)) {
        dependencies.refuse(stream, '503 Service Unavailable')
        return true
      }
      upgrades.handleUpgrade(request, stream, head, (socket) => onOpen(socket, stream, room))
      return true
    },
    tick() {
      const now = clock.monotonic()
      for (const connection of connections)
        if (connection.hello === 'awaited' && now - connection.openedAt >= roomTiming.helloWithin)
          connection.close('helloLate')
    },
    refuse,
    close() {
      refuse()
      if (connections.size === 0) return Promise.resolve()
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          for (const connection of connections) connection.cut()
        }, closeWithin)
        onEmpty = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    },
    get connections() {
      return connections.size
    },
    get cutOff() {
      return cutOff
    },
  }
}
