import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** A way by UDP to a relay. */
export interface MovingRelay {
  readonly port: number
  /** From now on whoever comes this way comes from other addresses, as after a change of network: the relay knows nobody. */
  readonly move: () => void
}

/** @param target the port of a relay on this machine. */
export async function startMovingRelay(target: number): Promise<MovingRelay> {
  const front = createSocket('udp4')
  const ways = new Map<string, Socket>()

  function wayOf({ address, port }: RemoteInfo): Socket {
    const key = `${address}:${port}`
    const known = ways.get(key)
    if (known) return known
    const way = createSocket('udp4')
    way.on('message', (message) => front.send(message, port, address))
    way.on('error', () => {})
    ways.set(key, way)
    return way
  }

  const close = () => {
    for (const way of ways.values()) way.close()
    ways.clear()
  }

  front.on('message', (message, from) => wayOf(from).send(message, target, '127.0.0.1'))
  front.bind(0, '127.0.0.1')
  await once(front, 'listening')
  onTestFinished(() => {
    close()
    front.close()
  })
  return { port: front.address().port, move: close }
}
