import { WebSocket } from 'ws'
import { type DeviceMessage, protocolVersion, type ServerMessage } from '../../../protocol/connection.ts'
import { defaultTiming } from '../../../protocol/timing.ts'
import { helloProof } from './load-key.ts'
import type { SignedInPerson } from './signed-in-people.ts'

export interface LoadDevice {
  readonly send: (message: DeviceMessage) => void
  readonly close: () => void
}

export interface LoadDeviceOptions {
  readonly onMessage?: (message: ServerMessage) => void
  readonly onLease?: () => void
  readonly boot?: number
  /** Where it connects, when not at the address for which it proves who it is. */
  readonly at?: string
}

/**
 * A device that does on its connection what the extension does, and nothing else: says hello, asks for
 * what is new in its account, and sends heartbeats every 10 s from a random moment on, so that many devices do not send theirs in step.
 *
 * @param as `onMessage` gets every message of the server but leases, of which `onLease` is told; `boot` is greater than
 *   that of any earlier connection of the device; `at` leads past a proxy.
 * @returns when the first lease is there.
 */
export function openLoadDevice(
  server: string,
  { token, device, key }: SignedInPerson,
  { onMessage = () => {}, onLease = () => {}, boot = 1, at = server }: LoadDeviceOptions = {},
): Promise<LoadDevice> {
  const socket = new WebSocket(`${at.replace(/^http/, 'ws')}/socket`, { perMessageDeflate: false })
  const send = (message: DeviceMessage) => socket.send(JSON.stringify(message))
  let n = 0
  let timer: NodeJS.Timeout
  const heartbeat = () => send({ type: 'heartbeat', n: ++n })
  const close = () => {
    clearTimeout(timer)
    socket.terminate()
  }
  return new Promise((resolve, reject) => {
    const heartbeatAlways = () => {
      heartbeat()
      timer = setTimeout(heartbeatAlways, defaultTiming.heartbeatEvery)
    }
    const hello = (nonce: string) => {
      const proof = helloProof(server, key, nonce, token)
      send({
        type: 'hello',
        protocol: protocolVersion,
        token,
        device,
        proof,
        order: { boot, n: 1 },
        takeOver: true,
      })
    }
    socket.on('error', reject)
    socket.on('close', (code, why) => {
      clearTimeout(timer)
      reject(new Error(`The connection was closed: ${code} ${why}`))
    })
    socket.on('message', (data) => {
      const frame = String(data)
      const isLease = frame.startsWith('{"type":"lease"')
      if (isLease) onLease()
      if (isLease && n > 1) return
      const message = JSON.parse(frame) as ServerMessage
      if (message.type === 'challenge') hello(message.nonce)
      if (message.type === 'welcome') {
        send({ type: 'sync', after: 0 })
        heartbeat()
      }
      if (message.type === 'lease' && n === 1) {
        timer = setTimeout(heartbeatAlways, Math.random() * defaultTiming.heartbeatEvery)
        resolve({ send, close })
      } else onMessage(message)
    })
  })
}
