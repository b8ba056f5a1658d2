import type { EventQueue } from './event-queue.ts'

/** One end of a connection: what arrives there. */
export interface End {
  readonly message: (frame: unknown) => void
  readonly closed: (code: number) => void
}

export interface Connection {
  readonly toServer: Pipe
  readonly toDevice: Pipe
  /** Whether it was swallowed. */
  readonly isDead: () => boolean
}

export interface Pipe {
  readonly send: (frame: unknown) => void
  readonly close: (code: number) => void
}

/** One device's way to the server. */
export interface Network {
  /** A new connection, or null when the network is cut; each has delays of its own, so they overtake one another. */
  readonly connect: (device: End, server: End) => Connection | null
  /**
   * From now on nothing passes, in silence; what is sent waits, as TCP's retransmission makes it.
   *
   * @returns what mends it.
   */
  readonly cut: (toServer: boolean, toDevice: boolean) => () => void
  /** The newest connection is dead from now on, for good, and neither end is told; others work. */
  readonly swallow: () => void
  readonly isCut: () => boolean
  /** Whether the newest connection was swallowed. */
  readonly isSwallowed: () => boolean
  /** When what is sent to the device now will have arrived, with delays of `longest` ms at most. */
  readonly deliveredBy: (longest: number) => number
}

/** TCP as programs see it: in order, as late as it likes, silent when the path is gone. Frames are never changed. */
export function createNetwork(queue: EventQueue, delay: () => number): Network {
  /** How many faults keep each way shut: each mends only what it broke. */
  const shut = { toServer: 0, toDevice: 0 }
  let waiting: { readonly way: Way; readonly pass: () => void }[] = []
  let lastDelivery = 0
  let newest: { dead: boolean } = { dead: false }

  function pipe(way: Way, end: End, connection: { readonly dead: boolean }): Pipe {
    let last = 0
    let closed = false
    const deliver = (act: () => void) => {
      last = Math.max(last, queue.now() + delay())
      if (way === 'toDevice') lastDelivery = Math.max(lastDelivery, last)
      queue.at(last, () => connection.dead || act())
    }
    const carry = (act: () => void) => {
      if (connection.dead) return
      if (shut[way] === 0) deliver(act)
      else waiting.push({ way, pass: () => deliver(act) })
    }
    return {
      send: (frame) => {
        if (!closed) carry(() => end.message(frame))
      },
      close: (code) => {
        if (!closed) carry(() => end.closed(code))
        closed = true
      },
    }
  }

  const isCut = () => shut.toServer > 0 || shut.toDevice > 0

  return {
    connect: (device, server) => {
      if (isCut()) return null
      const connection = { dead: false }
      newest = connection
      return {
        toServer: pipe('toServer', server, connection),
        toDevice: pipe('toDevice', device, connection),
        isDead: () => connection.dead,
      }
    },
    cut: (toServer, toDevice) => {
      const by = { toServer: toServer ? 1 : 0, toDevice: toDevice ? 1 : 0 }
      shut.toServer += by.toServer
      shut.toDevice += by.toDevice
      return () => {
        shut.toServer -= by.toServer
        shut.toDevice -= by.toDevice
        const passing = waiting.filter(({ way }) => shut[way] === 0)
        waiting = waiting.filter(({ way }) => shut[way] > 0)
        for (const { pass } of passing) pass()
      }
    },
    swallow: () => {
      newest.dead = true
    },
    isCut,
    isSwallowed: () => newest.dead,
    deliveredBy: (longest) => Math.max(lastDelivery, queue.now() + longest),
  }
}

type Way = 'toServer' | 'toDevice'
