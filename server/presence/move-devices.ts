import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import type { Connection } from './connection.ts'

/**
 * So many a second are told, or more where time would not do: each is a handshake at another node, with several statements
 * of the database, and they should not come as a storm.
 */
const perSecond = 300
/** So many are on their way at once: where the other nodes are slow to take them, fewer are told, and calls get through. */
const mostMoving = 60
/** Who was told so long ago, in ms, and is still here, is not on their way any more. */
const movesFor = 8_000
/** A device that is still there after so long, in ms, is told again: its connection elsewhere may have been called off. */
const againAfter = 15_000
/** Whether somebody is to be told, or all are gone, is looked at this often, in ms. */
const lookEvery = 50
/** The devices of a node that has lost the bus are told within half of this time, in ms: nothing rings there. */
export const movesOver = 20_000
/** A bus that was lost for so long, in ms, is lost at this node alone, if others say that they have it. */
const lostFor = 2_000

export interface Moving {
  /** Those that are there now, also who has come since the last look. */
  readonly welcomed: () => readonly Pick<Connection, 'send'>[]
  /** How many connections there still are, with those that are not welcomed yet. */
  readonly endpoint: { readonly connections: number }
  /** ms; whoever has not moved by then is left. All are told within half of it. */
  readonly within: number
  /** Whether they are still to move; always by default. */
  readonly isWanted?: () => boolean
}

/**
 * Tells devices to move to another node, some after the other, and waits until they have: each keeps its connection here
 * until it has a lease there. Whoever is welcomed meanwhile is told too.
 */
export async function moveDevices({
  welcomed,
  endpoint,
  within,
  isWanted = () => true,
}: Moving): Promise<void> {
  const began = performance.now()
  const told = new WeakMap<object, number>()
  let lookedAt = began - lookEvery
  let due = 0
  let atLeast = 0
  for (;;) {
    const now = performance.now()
    if (endpoint.connections === 0 || now - began >= within || !isWanted()) return
    const here = welcomed()
    const untold = here.filter((device) => !told.has(device))
    const again = here.filter((device) => now - (told.get(device) ?? now) >= againAfter)
    const left = Math.max(lookEvery, within / 2 - (now - began))
    const moving = here.filter((device) => now - (told.get(device) ?? Number.NEGATIVE_INFINITY) < movesFor)
    due += ((now - lookedAt) * perSecond) / 1_000
    atLeast += ((now - lookedAt) * untold.length) / left
    lookedAt = now
    const some = [...untold, ...again].slice(0, Math.max(Math.min(due, mostMoving - moving.length), atLeast))
    for (const device of some) {
      told.set(device, now)
      device.send({ type: 'move' })
    }
    // What was not needed is not kept for a crowd that comes later.
    due = Math.min(Math.max(due - some.length, 0), 1)
    atLeast = Math.min(Math.max(atLeast - some.length, 0), 1)
    await delay(lookEvery)
  }
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
