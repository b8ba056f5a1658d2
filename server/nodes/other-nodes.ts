import type { Bus } from '../bus/bus.ts'
import type { Json } from '../json.ts'
import { type HeldLeases, type NodeMessage, nodeSubject, parseHeldLeases } from './node-message.ts'

/** A node answers from memory: one that takes longer, in ms, is hung, and what it would say is not known. */
const answersWithin = 500

/** The other nodes, each asked by name. */
export interface OtherNodes {
  /** @returns what a person holds at a node; undefined when it does not say, since it is gone, hung or cut off. */
  leasesAt(node: string, user: string): Promise<HeldLeases | undefined>
}

export function createOtherNodes(bus: Bus): OtherNodes {
  const ask = async (node: string, message: NodeMessage): Promise<Json | undefined> => {
    try {
      for await (const reply of bus.request(nodeSubject(node), message, { within: answersWithin }))
        return reply
    } catch {
      // The bus is lost: nothing is known of anybody.
    }
    return undefined
  }

  return {
    async leasesAt(node, user) {
      const reply = await ask(node, { kind: 'leases', user })
      return reply === undefined ? undefined : parseHeldLeases(reply)
    },
  }
}
