import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { type CloseReason, closeCodes } from '../../protocol/close-codes.ts'
import type { ServerMessage } from '../../protocol/connection.ts'
import type { Client } from '../accounts/audit.ts'
import type { KnownSession } from '../accounts/known-sessions.ts'
import { fullBudget, type MessageBudget } from './message-rate-limit.ts'

/** More than this waiting to leave, in bytes, and the device is not reading: its connection is cut. */
const maxBacklog = 262_144
/** With so little waiting, in bytes, there is room for the largest frame. */
const littleBacklog = 32_768

/** What one byte tells the length of in a frame (RFC 6455, 5.2), and what begins a frame that is a whole text. */
const shortest = 126
const wholeText = 0x81

/** What a connection is after its hello: a device of a person, by a session. */
export interface Identity {
  readonly userId: string
  readonly device: string
  readonly sessionId: string
  /** That session, as far as it is known here. */
  known?: KnownSession | undefined
}

/** A connection as it was opened. */
export interface OpenedConnection {
  readonly id: string
  /** Monotonic ms. */
  readonly at: number
  /** What its hello has to prove with; given to this connection and to no other. */
  readonly nonce: string
  readonly from: Client
  /** Told once nothing of it is read any more. */
  readonly onReadingStopped?: (socket: WebSocket) => void
}

/** What a device that keeps to the protocol never causes: of whoever does nothing more is read. */
const protocolErrors: ReadonlySet<CloseReason> = new Set(['malformed', 'tooMany', 'helloLate'])

/** One device's WebSocket. There may be tens of thousands: it has no timer and keeps little. */
export class Connection {
  readonly id: string
  readonly openedAt: number
  readonly nonce: string
  readonly from: Client
  readonly #socket: WebSocket
  readonly #onReadingStopped: ((socket: WebSocket) => void) | undefined
  /** What the WebSocket is spoken on. */
  readonly stream: Duplex
  identity: Identity | undefined
  /** Its hello has come, good or bad. */
  helloReceived = false
  /** Welcomed: messages other than `hello` are heard, and it may be rung. */
  welcomed = false
  /** Where its heartbeats go, and its rings come from, once it is welcomed. */
  ringSubject = ''
  /** Nothing is read of it any more, whatever it sends. */
  readingStopped = false
  /** Something changed for this person while the welcome was being put together. */
  stale = false
  /** Nobody is at the machine, as its device says. */
  idle = false
  /** When it was last heard, monotonic. */
  heardAt: number
  readonly budget: MessageBudget

  constructor(socket: WebSocket, stream: Duplex, opened: OpenedConnection) {
    const { id, at, nonce, from } = opened
    this.id = id
    this.#socket = socket
    this.#onReadingStopped = opened.onReadingStopped
    this.stream = stream
    this.openedAt = at
    this.nonce = nonce
    this.from = from
    this.heardAt = at
    this.budget = fullBudget(at)
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  /** Bytes that wait to leave. */
  get backlog(): number {
    return this.#socket.bufferedAmount
  }

  send(message: ServerMessage): void {
    if (this.open) this.sendFrame(JSON.stringify(message))
  }

  /** Sends a message that was made for several connections at once. */
  sendFrame(frame: string): void {
    if (!this.#mayWrite()) return
    if (frame.length < shortest && /^[ -~]*$/.test(frame)) this.#write(frame)
    else this.#socket.send(frame)
  }

  /** The same as `send` of that message, which is sent more often than all others. */
  sendLease(n: number, leaseFor: number): void {
    if (this.#mayWrite()) this.#write(`{"type":"lease","n":${n},"leaseFor":${leaseFor}}`)
  }

  #mayWrite(): boolean {
    if (!this.open) return false
    if (this.#socket.bufferedAmount <= maxBacklog) return true
    this.#socket.terminate()
    return false
  }

  /** In one piece: ws makes two, which are gathered, copied and written by a longer way. Nothing of ours waits in ws. */
  #write(short: string): void {
    this.stream.write(String.fromCharCode(wholeText, short.length) + short, 'latin1')
  }

  /** Resolves once there is room for another large frame, or the connection is gone. */
  async drained(): Promise<void> {
    while (this.open && this.#socket.bufferedAmount > littleBacklog)
      await new Promise<void>((resolve) => {
        const { stream } = this
        const go = () => {
          clearTimeout(timer)
          stream.off('drain', go).off('close', go)
          resolve()
        }
        // Not every stream tells when what waits has become less, only when nothing waits any more.
        const timer = setTimeout(go, 250)
        stream.once('drain', go).once('close', go)
      })
  }

  close(why: CloseReason): void {
    this.#socket.close(closeCodes[why].code, why)
    if (protocolErrors.has(why)) this.stopReading()
  }

  /**
   * Reads nothing more: a closing connection is read on otherwise until the other side agrees, and every frame costs
   * something. What was sent still arrives, the end too, and the rest is left to the closing's own deadline.
   */
  stopReading(): void {
    if (this.readingStopped) return
    this.readingStopped = true
    this.#socket.pause()
    this.stream.end()
    this.#onReadingStopped?.(this.#socket)
  }

  /** As the device asked. */
  end(): void {
    this.#socket.close(1000)
  }

  /** Without a word: nobody is listening there any more. */
  cut(): void {
    this.#socket.terminate()
  }
}
