import type { Bus, Handler } from '../../../../server/bus/bus.ts'
import type { Json } from '../../../../server/json.ts'
import type { EventQueue } from './event-queue.ts'

/** What a node knows of the bus: as the servers' own, but that what cannot be waited for here is not there. */
export type NodeBus = Pick<Bus, 'subscribe' | 'publish' | 'isConnected' | 'onConnection'> & {
  /** The bus was lost, or is there again. */
  readonly connectionChanged: () => void
}

/** One node of the bus, as it is at a moment. */
interface End {
  readonly hasBus: () => boolean
  /** At once, or once the process is resumed; never where it is dead by then. */
  readonly whenAwake: (act: () => void) => void
}

/** A message of one node to another takes so long at most, in milliseconds. */
const busWithin = 20
/** One that lay for longer is dropped, in milliseconds, as `server/bus/message-age.ts` does. */
const staleAfter = 5_000

/**
 * Messages between nodes: in order between two, late by a little, lost with the bus of either, and never handed on late.
 * What one process tells itself cannot be lost where there is no other.
 */
export function createPresenceBus(queue: EventQueue, random: () => number, isAlone: boolean) {
  const ends: { readonly end: End; readonly subjects: Map<string, Set<Handler>> }[] = []
  const last = new Map<string, number>()

  const send = (from: number, to: number, subject: string, text: string) => {
    const sent = queue.now()
    const way = `${from} ${to}`
    const at = from === to ? sent : Math.max(last.get(way) ?? 0, sent + random() * busWithin)
    last.set(way, at)
    const receiver = ends[to]
    queue.at(at, () => {
      if (!isAlone && !receiver?.end.hasBus()) return
      receiver?.end.whenAwake(() => {
        if (!isAlone && queue.now() - sent > staleAfter) return
        for (const handler of receiver.subjects.get(subject) ?? []) handler(JSON.parse(text))
      })
    })
  }

  return {
    /** Another process in a node's place hears nothing that the one before subscribed to. */
    open(node: number, end: End): NodeBus {
      const subjects = new Map<string, Set<Handler>>()
      ends[node] = { end, subjects }
      const listeners = new Set<(isConnected: boolean) => void>()
      return {
        subscribe: (subject, handler) => {
          const handlers = subjects.get(subject) ?? new Set()
          subjects.set(subject, handlers.add(handler))
          return () => void handlers.delete(handler)
        },
        publish: (subject, payload: Json) => {
          if (!isAlone && !end.hasBus()) return
          const text = JSON.stringify(payload)
          for (const to of ends.keys()) send(node, to, subject, text)
        },
        get isConnected() {
          return isAlone || end.hasBus()
        },
        onConnection: (listener) => {
          listeners.add(listener)
          return () => void listeners.delete(listener)
        },
        connectionChanged: () => {
          for (const listener of listeners) listener(isAlone || end.hasBus())
        },
      }
    },
  }
}
