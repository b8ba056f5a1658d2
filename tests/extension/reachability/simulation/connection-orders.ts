import type { ConnectionOrder } from '../../../../protocol/connection.ts'
import { compareOrders } from '../../../../server/presence/lease-reducer.ts'

/** A connection whose hello is sound, and that wants to be its device's. */
export interface Claim {
  readonly device: string
  readonly connection: string
  readonly order: ConnectionOrder
  readonly takeOver: boolean
  /** Whether the device holds a lease at the node that asks. */
  readonly liveHere: boolean
}

export type Claimed =
  | { readonly kind: 'granted'; readonly takeOver: boolean }
  | { readonly kind: 'outranked'; readonly boot: number; readonly live: boolean }

/** A device's newest connection, and the node where it is. */
interface Newest {
  readonly order: ConnectionOrder
  readonly connection: string
  readonly node: number
  gone: boolean
}

/**
 * Which connection is a device's, over all nodes: a row a device, as `server/presence/connection-order.ts` keeps it.
 *
 * @param liveAt whether a node says, when it is asked, that the device holds a lease there.
 */
export function createConnectionOrders(liveAt: (node: number, device: string) => boolean) {
  const rows = new Map<string, Newest>()
  return {
    claim: (node: number, { device, connection, order, takeOver, liveHere }: Claim): Claimed => {
      const row = rows.get(device)
      const here = !row || row.node === node
      const isNewer = !row || compareOrders(order, row.order) > 0
      const grant = (): Claimed => {
        rows.set(device, { order, connection, node, gone: false })
        return { kind: 'granted', takeOver: true }
      }
      if (isNewer && (takeOver || !liveHere) && (here || row.gone)) return grant()
      const live = !row?.gone && (!isNewer || !takeOver) && (here ? liveHere : liveAt(row.node, device))
      if (!isNewer || (live && !takeOver)) return { kind: 'outranked', boot: row?.order.boot ?? 0, live }
      return grant()
    },
    gone: (device: string, connection: string) => {
      const row = rows.get(device)
      if (row?.connection === connection) row.gone = true
    },
    /** The device's newest connection, where it is at another node and there as far as is known. */
    elsewhere: (node: number, device: string): Newest | undefined => {
      const row = rows.get(device)
      return row && row.node !== node && !row.gone ? row : undefined
    },
  }
}
