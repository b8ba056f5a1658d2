/** When calls could be written down, and whom they could reach. */

export interface WriteProbeTable {
  id: number
  at: number
}

/** When this server was not running, or its database took no write. */
export interface ServerAwayTable {
  from: number
  until: number
}

/** The last stretch in which calls could reach a person over one node; `until` is null while it lasts. */
export interface ReachabilityTable {
  userId: string
  /** '' where a server runs alone. */
  node: string
  from: number
  until: number | null
}
