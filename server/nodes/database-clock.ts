import type { Clock } from '../clock.ts'

/** The wall clock of the database, told by this machine's monotonic one: all nodes have the same, however theirs are set. */
export interface DatabaseClock extends Clock {
  /**
   * Learns what the time was at the database at some moment between two of the monotonic clock. What is known stays where
   * that allows it: so a slow answer moves nothing.
   */
  learn(at: number, between: { readonly from: number; readonly until: number }): void
}

/** @param clock of this machine; its wall clock stands until the first time was learned. */
export function createDatabaseClock({ wall, monotonic }: Clock): DatabaseClock {
  let offset = wall() - monotonic()
  return {
    monotonic,
    wall: () => Math.round(monotonic() + offset),
    learn(at, { from, until }) {
      offset = Math.min(Math.max(offset, at - until), at - from)
    },
  }
}
