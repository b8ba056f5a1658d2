import { setTimeout as delay } from 'node:timers/promises'
import type { Connection } from './connection.ts'

/** Devices are told in so many portions, over at most so long, in ms: those who take them in are not stormed. */
const portions = 50
const toldWithin = 5_000
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
