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
