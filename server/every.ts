import type { Clock } from './clock.ts'

/** For the shared tick: does `what` when `every` ms have passed since the last time, or since the beginning. */
export function every(clock: Clock, every: number, what: () => Promise<void>): () => Promise<void> {
  let last = clock.monotonic()
  return async () => {
    if (clock.monotonic() - last < every) return
    last = clock.monotonic()
    await what()
  }
}

/** The same, but `what` is not begun while the last is under way, however long that takes. It is due then with the next tick. */
export function everyOneAtATime(clock: Clock, ms: number, what: () => Promise<void>): () => Promise<void> {
  let isUnderWay = false
  const begin = every(clock, ms, async () => {
    isUnderWay = true
    try {
      await what()
    } finally {
      isUnderWay = false
    }
  })
  return async () => {
    if (!isUnderWay) await begin()
  }
}

/**
 * The shared tick itself. A tick does not wait for the one before.
 *
 * @returns what ends it; resolves when no tick is under way any more.
 */
export function tickEvery(
  ms: number,
  tick: () => Promise<void>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  const underWay = new Set<Promise<void>>()
  const timer = setInterval(() => {
    const ticking: Promise<void> = tick()
      .catch(onError)
      .finally(() => underWay.delete(ticking))
    underWay.add(ticking)
  }, ms)
  return async () => {
    clearInterval(timer)
    await Promise.all(underWay)
  }
}
