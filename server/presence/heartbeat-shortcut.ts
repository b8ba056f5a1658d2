import { Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import { usualHeartbeat } from './usual-heartbeat.ts'

/** What reads the frames of a WebSocket in ws. Only ws itself is to know its parts. */
interface Receiver extends Writable {
  _state?: unknown
  _bufferedBytes?: unknown
  _fragmented?: unknown
  _opcode?: unknown
  _errored?: unknown
  of?: WithShortcut
}

export interface WithShortcut extends WebSocket {
  /** Hears of usual heartbeats, in place of a message. */
  onHeartbeat: ((this: WithShortcut, n: number) => void) | undefined
}

const closeFrame = 8

const writeToStream: (this: Writable, chunk: Buffer) => boolean = Writable.prototype.write

/** Whether the next byte begins a message. Should ws ever keep this by other names, the answer is no. */
const isBetweenMessages = ({ _state, _bufferedBytes, _fragmented, _opcode, _errored }: Receiver) =>
  _state === 0 &&
  _bufferedBytes === 0 &&
  _fragmented === 0 &&
  _opcode !== undefined &&
  _opcode !== closeFrame &&
  _errored === false

function write(this: Receiver, chunk: Buffer): boolean {
  const { of } = this
  const n = of?.onHeartbeat && isBetweenMessages(this) ? usualHeartbeat(chunk) : undefined
  if (n === undefined) return writeToStream.call(this, chunk)
  of?.onHeartbeat?.(n)
  return true
}

/**
 * Has usual heartbeats told to `onHeartbeat` as their bytes come. ws would take each through a stream of its own, three
 * slices of it, and two copies of the text; all other bytes go that way.
 */
export function takeHeartbeats(socket: WithShortcut): void {
  const receiver = (socket as { _receiver?: Receiver })._receiver
  if (!receiver) return
  receiver.of = socket
  receiver.write = write as Receiver['write']
}
