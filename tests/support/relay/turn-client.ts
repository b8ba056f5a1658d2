import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, isIPv6 } from 'node:net'
import { onTestFinished } from 'vitest'

/** Of RFC 8489, RFC 8656 and RFC 6062, as much as it takes to ask a relay whether it lets somebody in, and to where it relays. */
const methods = { allocate: 0x003, refresh: 0x004, createPermission: 0x008, connect: 0x00a } as const
const types = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  requestedAddressFamily: 0x0017,
  requestedTransport: 0x0019,
} as const
const magic = 0x2112a442
/** By their numbers, as relays are asked for. */
const transports = { tcp: 6, udp: 17 } as const
const families = { 4: 1, 6: 2 } as const

export interface TurnAnswer {
  /** 0 where what was asked for is done. */
  readonly error: number
  /** Seconds. */
  readonly lifetime: number | undefined
}

export interface TurnClient {
  /** @param relayed by what the relay is to speak with peers; by UDP of IPv4 by default. */
  allocate(relayed?: { readonly by?: keyof typeof transports; readonly ip?: 4 | 6 }): Promise<TurnAnswer>
  /** @param lifetime how long the allocation is to live on, in seconds. */
  refresh(lifetime: number): Promise<TurnAnswer>
  /** Asks that this address may be relayed to. */
  permit(peer: string): Promise<TurnAnswer>
  /** Asks for a connection by TCP to this address. */
  connect(peer: string): Promise<TurnAnswer>
}

interface Attribute {
  readonly type: number
  /** By the id of the message that it is in. */
  readonly value: Buffer | ((id: Buffer) => Buffer)
}

const uint32 = (value: number) => {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value >>> 0)
  return buffer
}

const written = ({ type, value }: Attribute, id: Buffer): Buffer => {
  const bytes = typeof value === 'function' ? value(id) : value
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(bytes.length, 2)
  return Buffer.concat([head, bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
}

/** The bytes of an address; of IPv6 in any of its forms. */
function bytesOf(address: string): readonly number[] {
  if (!isIPv6(address)) return address.split('.').map(Number)
  const [before = [], after = []] = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  const groups = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16))
  return groups.flatMap((group) => [group >> 8, group & 0xff])
}

/** An address as XOR-PEER-ADDRESS has it, at port 9. */
const peerAddress =
  (address: string) =>
  (id: Buffer): Buffer => {
    const mask = Buffer.concat([uint32(magic), id])
    const xored = Buffer.from(bytesOf(address).map((byte, at) => byte ^ (mask[at] ?? 0)))
    const head = Buffer.from([0, families[isIPv6(address) ? 6 : 4], 0, 0])
    head.writeUInt16BE(9 ^ (magic >>> 16), 2)
    return Buffer.concat([head, xored])
  }

function readAttributes(message: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = 20; at + 4 <= message.length; ) {
    const length = message.readUInt16BE(at + 2)
    found.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length))
    at += 4 + length + ((4 - (length % 4)) % 4)
  }
  return found
}

interface Way {
  readonly send: (message: Buffer) => void
  /** The next answer; undefined where none comes within half a second. */
  readonly answer: () => Promise<Buffer | undefined>
}

const within = () => ({ signal: AbortSignal.timeout(500) })

function wayByUdp(port: number): Way {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  return {
    send: (message) => socket.send(message, port, '127.0.0.1'),
    answer: () =>
      once(socket, 'message', within()).then(
        ([data]) => data as Buffer,
        () => undefined,
      ),
  }
}

/** Of a relay that answers each message by one segment, as it does on one machine. */
function wayByTcp(port: number): Way {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  return {
    send: (message) => void socket.write(message),
    answer: () =>
      once(socket, 'data', within()).then(
        ([data]) => data as Buffer,
        () => undefined,
      ),
  }
}

/** Whoever has this name and password, asking a relay over UDP, or over TCP. */
export function openTurnClient(
  port: number,
  { username, credential }: { readonly username: string; readonly credential: string },
  over: keyof typeof transports = 'udp',
): TurnClient {
  const way = over === 'udp' ? wayByUdp(port) : wayByTcp(port)
  let realm: Buffer | undefined
  let nonce: Buffer | undefined

  const send = async (method: number, attributes: readonly Attribute[]): Promise<Map<number, Buffer>> => {
    const id = randomBytes(12)
    const signed = realm && nonce
    const all = [
      ...attributes,
      ...(signed
        ? [
            { type: types.username, value: Buffer.from(username) },
            { type: types.realm, value: realm as Buffer },
            { type: types.nonce, value: nonce as Buffer },
          ]
        : []),
    ]
    const body = Buffer.concat(all.map((attribute) => written(attribute, id)))
    const head = Buffer.alloc(8)
    head.writeUInt16BE(method, 0)
    head.writeUInt16BE(body.length + (signed ? 24 : 0), 2)
    head.writeUInt32BE(magic, 4)
    const message = Buffer.concat([head, id, body])
    const key = createHash('md5').update(`${username}:${realm}:${credential}`).digest()
    const whole = signed
      ? Buffer.concat([
          message,
          written(
            { type: types.messageIntegrity, value: createHmac('sha1', key).update(message).digest() },
            id,
          ),
        ])
      : message
    for (let tries = 0; tries < 20; tries += 1) {
      way.send(whole)
      const answer = await way.answer()
      if (answer?.subarray(8, 20).equals(id)) return readAttributes(answer)
    }
    throw new Error('the relay does not answer')
  }

  const ask = async (method: number, attributes: readonly Attribute[]): Promise<TurnAnswer> => {
    for (let tries = 0; ; tries += 1) {
      const answer = await send(method, attributes)
      const code = answer.get(types.errorCode)
      const error = code ? (code[2] ?? 0) * 100 + (code[3] ?? 0) : 0
      const isChallenge = error === 438 || (error === 401 && !nonce)
      realm = answer.get(types.realm) ?? realm
      nonce = answer.get(types.nonce) ?? nonce
      if (isChallenge && tries < 3) continue
      return { error, lifetime: answer.get(types.lifetime)?.readUInt32BE(0) }
    }
  }

  return {
    allocate: ({ by = 'udp', ip = 4 } = {}) =>
      ask(methods.allocate, [
        { type: types.requestedTransport, value: Buffer.from([transports[by], 0, 0, 0]) },
        { type: types.requestedAddressFamily, value: Buffer.from([families[ip], 0, 0, 0]) },
      ]),
    refresh: (lifetime) => ask(methods.refresh, [{ type: types.lifetime, value: uint32(lifetime) }]),
    permit: (peer) =>
      ask(methods.createPermission, [{ type: types.xorPeerAddress, value: peerAddress(peer) }]),
    connect: (peer) => ask(methods.connect, [{ type: types.xorPeerAddress, value: peerAddress(peer) }]),
  }
}
