import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A client's end of a WebSocket, byte by byte (RFC 6455). */
export interface RawWebSocket {
  readonly socket: Socket
  /** The status of the answer to the upgrade; 0 when there was none. */
  readonly status: number
  /** What came after the answer. */
  received(): Buffer
  write(bytes: Buffer | string): void
  /** Resolves once the server has closed the connection. */
  readonly closed: Promise<void>
}

export interface Upgrade {
  readonly path?: string
  readonly method?: string
  readonly version?: string
  /** In place of the usual ones, each with its line's end; `Host` is always there. */
  readonly headers?: string
  /** From which of this machine's own addresses. */
  readonly localAddress?: string
}

const upgradeHeaders = (): string =>
  [
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    '',
  ].join('\r\n')

export function openRawWebSocket(
  url: string,
  {
    path = '/socket',
    method = 'GET',
    version = 'HTTP/1.1',
    headers = upgradeHeaders(),
    localAddress,
  }: Upgrade = {},
): Promise<RawWebSocket> {
  const { hostname, port, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), ...(localAddress && { localAddress }) })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  let bytes = Buffer.alloc(0)
  socket.write(`${method} ${path} ${version}\r\nHost: ${host}\r\n${headers}\r\n`)
  return new Promise((resolve) => {
    let answered = false
    const answer = (status: number) => {
      if (answered) return
      answered = true
      resolve({ socket, status, received: () => bytes, write: (more) => void socket.write(more), closed })
    }
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      const end = answered ? -1 : bytes.indexOf('\r\n\r\n')
      if (end < 0) return
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(bytes.toString('latin1'))?.[1] ?? 0)
      bytes = bytes.subarray(end + 4)
      answer(status)
    })
    socket.once('close', () => answer(0))
  })
}

export interface Frame {
  readonly opcode: number
  readonly payload?: Buffer | string
  readonly fin?: boolean
  /** The three reserved bits. */
  readonly reserved?: number
  readonly masked?: boolean
  /** What the frame says of its length, where that is not so; written in 64 bits. */
  readonly claims?: bigint
}

/** One frame as a client writes it. */
export function frame({
  opcode,
  payload = '',
  fin = true,
  reserved = 0,
  masked = true,
  claims,
}: Frame): Buffer {
  const body = Buffer.from(payload)
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  const bit = masked ? 0x80 : 0
  let head: Buffer
  if (claims !== undefined || body.length > 65_535) {
    head = Buffer.alloc(10)
    head[1] = bit | 127
    head.writeBigUInt64BE(claims ?? BigInt(body.length), 2)
  } else if (body.length > 125) {
    head = Buffer.alloc(4)
    head[1] = bit | 126
    head.writeUInt16BE(body.length, 2)
  } else {
    head = Buffer.from([0, bit | body.length])
  }
  head[0] = first
  if (!masked) return Buffer.concat([head, body])
  const mask = randomBytes(4)
  return Buffer.concat([head, mask, Buffer.from(body.map((byte, at) => byte ^ (mask[at % 4] ?? 0)))])
}

export const text = (payload: string): Buffer => frame({ opcode: 1, payload })

/** The codes of the close frames that a server sent; server frames are not masked. */
export function closeCodesIn(bytes: Buffer): number[] {
  const codes: number[] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const [first = 0, second = 0] = bytes.subarray(at, at + 2)
    const short = second & 0x7f
    const length =
      short === 126
        ? bytes.readUInt16BE(at + 2)
        : short === 127
          ? Number(bytes.readBigUInt64BE(at + 2))
          : short
    const start = at + (short === 126 ? 4 : short === 127 ? 10 : 2)
    if ((first & 0xf) === 8 && length >= 2 && start + 2 <= bytes.length) codes.push(bytes.readUInt16BE(start))
    at = start + length
  }
  return codes
}
