import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** Of RFC 8489 and RFC 8656, as much as it takes to ask a relay whether it lets somebody in, and to where it relays. */
const methods = { allocate: 0x003, refresh: 0x004, createPermission: 0x008 } as const
const types = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  requestedTransport: 0x0019,
} as const
const magic = 0x2112a442

export interface TurnAnswer {
  /** 0 where what was asked for is done. */
  readonly error: number
  /** Seconds. */
  readonly lifetime: number | undefined
}

export interface TurnClient {
  allocate(): Promise<TurnAnswer>
  /** @param lifetime how long the allocation is to live on, in seconds. */
  refresh(lifetime: number): Promise<TurnAnswer>
  /** Asks that this address may be relayed to. */
  permit(peer: string): Promise<TurnAnswer>
}

interface Attribute {
  readonly type: number
  readonly value: Buffer
}

const uint32 = (value: number) => {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value >>> 0)
  return buffer
}

const written = ({ type, value }: Attribute): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)])
}

/** An IPv4 address as XOR-PEER-ADDRESS has it. */
function peerAddress(address: string): Buffer {
  const numbers = address.split('.').map(Number)
  const xored = Buffer.from(numbers.map((byte, at) => byte ^ ((magic >>> (24 - at * 8)) & 0xff)))
  const head = Buffer.from([0, 1, 0, 0])
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

/** Whoever has this name and password, asking a relay over UDP. */
export function openTurnClient(
  port: number,
  { username, credential }: { readonly username: string; readonly credential: string },
): TurnClient {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
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
    const body = Buffer.concat(all.map(written))
    const head = Buffer.alloc(8)
    head.writeUInt16BE(method, 0)
    head.writeUInt16BE(body.length + (signed ? 24 : 0), 2)
    head.writeUInt32BE(magic, 4)
    const message = Buffer.concat([head, id, body])
    const key = createHash('md5').update(`${username}:${realm}:${credential}`).digest()
    const whole = signed
      ? Buffer.concat([
          message,
          written({ type: types.messageIntegrity, value: createHmac('sha1', key).update(message).digest() }),
        ])
      : message
    for (let tries = 0; tries < 20; tries += 1) {
      socket.send(whole, port, '127.0.0.1')
      const answer = await once(socket, 'message', { signal: AbortSignal.timeout(500) }).then(
        ([data]) => data as Buffer,
        () => undefined,
      )
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
    allocate: () =>
      ask(methods.allocate, [{ type: types.requestedTransport, value: Buffer.from([17, 0, 0, 0]) }]),
    refresh: (lifetime) => ask(methods.refresh, [{ type: types.lifetime, value: uint32(lifetime) }]),
    permit: (peer) =>
      ask(methods.createPermission, [{ type: types.xorPeerAddress, value: peerAddress(peer) }]),
  }
}
