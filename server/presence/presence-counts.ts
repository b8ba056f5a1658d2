/** What happened here since the server started: plain numbers, since a heartbeat is to cost next to nothing. */
export interface PresenceCounts {
  /** Heartbeats that were answered by a lease. */
  answered: number
  /** Those that were not, by why. */
  readonly refused: { storage: number; routing: number; session: number }
  /** Rings that were sent to connections which held a lease. */
  ringsSent: number
  /** Acknowledgements of rings, late ones too, by connections that held a lease. */
  ringsAcknowledged: number
}

export const noPresenceCounts = (): PresenceCounts => ({
  answered: 0,
  refused: { storage: 0, routing: 0, session: 0 },
  ringsSent: 0,
  ringsAcknowledged: 0,
})
