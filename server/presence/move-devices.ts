import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import type { Connection } from './connection.ts'

/** Devices are told in so many portions, over at most so long, in ms: those who take them in are not stormed. */
const portions = 50
const toldWithin = 5_000
/** Devices of a node that has lost the bus are told within half of this time, in ms. */
export const movesOver = 4_000
/** A bus that was lost for so long, in ms, is lost at this node alone, if others say that they have it. */
const lostFor = 2_000
/** Whether they are all gone is looked at this often, in ms. */
const lookEvery = 50

/**
 * Tells devices to move to another node, some after the other, and waits until they have: each keeps its connection here
 * until it has a lease there.
 *
 * @param endpoint how many connections there still are.
 * @param within ms; whoever has not moved by then is left to be closed.
 */
export async function moveDevices(
  devices: readonly Connection[],
  endpoint: { readonly connections: number },
  within: number,
): Promise<void> {
  const end = performance.now() + within
  const pause = Math.min(toldWithin, within / 2) / portions
  const portion = Math.ceil(devices.length / portions)
  for (let n = 0; n < devices.length; n += portion) {
    for (const device of devices.slice(n, n + portion)) device.send({ type: 'move' })
    await delay(pause)
  }
  while (endpoint.connections > 0 && performance.now() < end) await delay(lookEvery)
}

export interface MovesWhileLostDependencies {
  readonly clock: Clock
  /** Whether no ring comes to devices of this node. */
  readonly isLost: () => boolean
  /** Whether rings come to devices of other nodes. */
  readonly canOthersTake: () => boolean
  /** Tells all to move. */
  readonly move: () => Promise<void>
}

/** @returns for the shared tick: tells the devices of a node to move, once each time that it loses what others have. */
export function movesWhileLost({
  clock,
  isLost,
  canOthersTake,
  move,
}: MovesWhileLostDependencies): () => void {
  let since: number | undefined
  let told = false
  return () => {
    if (!isLost()) {
      since = undefined
      told = false
      return
    }
    since ??= clock.monotonic()
    if (told || clock.monotonic() - since < lostFor || !canOthersTake()) return
    told = true
    void move()
  }
}
