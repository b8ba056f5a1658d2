import type { Agenda } from './agenda.ts'

/** One end of a connection: what arrives there. */
export interface End {
  readonly message: (frame: unknown) => void
  readonly closed: (code: number) => void
}

export interface Connection {
  readonly toServer: Pipe
  readonly toDevice: Pipe
}

export interface Pipe {
  readonly send: (frame: unknown) => void
  readonly close: (code: number) => void
}

/** One device's way to the server. */
export interface Network {
  /** A new connection, or null when the network is cut; each has delays of its own, so they overtake one another. */
  readonly connect: (device: End, server: End) => Connection | null
  /** From now on nothing passes, in silence; what is sent waits, as TCP's retransmission makes it. */
  readonly cut: (toServer: boolean, toDevice: boolean) => void
  readonly mend: () => void
  readonly isCut: () => boolean
  /** When what is sent to the device now will have arrived, at the latest. */
  readonly deliveredBy: () => number
}

/** TCP as programs see it: in order, as late as it likes, silent when the path is gone. Frames are never changed. */
export function createNetwork(agenda: Agenda, delay: () => number, longestDelay: number): Network {
  let open = { toServer: true, toDevice: true }
  let waiting: { readonly way: 'toServer' | 'toDevice'; readonly pass: () => void }[] = []
  let lastDelivery = 0

  function pipe(way: 'toServer' | 'toDevice', end: End): Pipe {
    let last = 0
    let shut = false
    const deliver = (act: () => void) => {
      last = Math.max(last, agenda.now() + delay())
      if (way === 'toDevice') lastDelivery = Math.max(lastDelivery, last)
      agenda.at(last, act)
    }
    const carry = (act: () => void) => {
      if (open[way]) deliver(act)
      else waiting.push({ way, pass: () => deliver(act) })
    }
    return {
      send: (frame) => {
        if (!shut) carry(() => end.message(frame))
      },
      close: (code) => {
        if (!shut) carry(() => end.closed(code))
        shut = true
      },
    }
  }

  return {
    connect: (device, server) =>
      open.toServer && open.toDevice
        ? { toServer: pipe('toServer', server), toDevice: pipe('toDevice', device) }
        : null,
    cut: (toServer, toDevice) => {
      open = { toServer: open.toServer && !toServer, toDevice: open.toDevice && !toDevice }
    },
    mend: () => {
      open = { toServer: true, toDevice: true }
      const passing = waiting
      waiting = []
      for (const { pass } of passing) pass()
    },
    isCut: () => !open.toServer || !open.toDevice,
    deliveredBy: () => Math.max(lastDelivery, agenda.now() + longestDelay),
  }
}
