import type { ConnectionOrder } from '../../protocol/connection.ts'
import { compareOrders } from './lease-reducer.ts'

/** What a hello wants: that its connection be its device's. */
export interface Claim {
  readonly order: ConnectionOrder
  readonly takeOver: boolean
}

export type Claimed =
  /** It is the newest of its device. With `takeOver` false it still must not replace one here that holds a lease. */
  | { readonly kind: 'granted'; readonly takeOver: boolean }
  /** A newer one was before, or one that is not to be taken over holds a lease. */
  | { readonly kind: 'outranked'; readonly boot: number; readonly live: boolean }

/** Whether it comes after the newest hello of its device so far. */
export const isNewer = ({ order }: Claim, newest: ConnectionOrder | undefined) =>
  newest === undefined || compareOrders(order, newest) > 0

/** Whether it is granted whatever leases there are, so that no node need be asked. */
export const isGrantedUnasked = (claim: Claim, newest: ConnectionOrder | undefined) =>
  claim.takeOver && isNewer(claim, newest)

/**
 * Whether a node counts as one where the device holds a lease. One that lives and does not answer may be it: who yields
 * gives way to that, and nobody else is told of it.
 *
 * @param holds what the node says; undefined where it does not answer.
 */
export const countsAsLive = (holds: boolean | undefined, { takeOver }: Claim, isAlive: boolean) =>
  holds ?? (!takeOver && isAlive)

/** @param live whether some node, whatever the row says, counts as one where the device holds a lease. */
export function decideClaim(claim: Claim, newest: ConnectionOrder | undefined, live: boolean): Claimed {
  const { order, takeOver } = claim
  if (isNewer(claim, newest) && (takeOver || !live)) return { kind: 'granted', takeOver }
  return { kind: 'outranked', boot: newest?.boot ?? order.boot, live }
}
