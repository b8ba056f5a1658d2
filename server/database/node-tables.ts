import type { ColumnType } from 'kysely'

/** What several nodes of one service know of one another; empty where a server runs alone. */

export interface NodeTable {
  /** A new one at every start. */
  id: string
  startedAt: number
  /** When it last could write, by the database's clock. */
  writtenAt: number
  /** Since when it takes nobody new; null while it does. */
  drainingSince: number | null
  /** JSON: the ids of those that live and that it does not hear over the bus; null where it has lost the bus. */
  unheard: ColumnType<string | null, string | null | undefined, string | null>
  /** `settingsPrint` of what all nodes have to have alike; null of an older version's node. */
  settings: ColumnType<string | null, string | null | undefined, never>
  /** 1 where it tells whoever watches people of their leases; null of an older version's node. */
  tellsLeases: ColumnType<number | null, number | null | undefined, never>
}

/** A device's newest connection in the whole service (T9). */
export interface ConnectionOrderTable {
  userId: string
  device: string
  boot: number
  n: number
  connection: string
  /** Which node has it. */
  node: string
  /** Which node had the one before, unless that was gone. */
  nodeBefore: ColumnType<string | null, string | null | undefined, string | null>
  /** Null while it is there, as far as its node could say. */
  goneAt: number | null
}

/** A leaky bucket that all nodes pour into. */
export interface BucketTable {
  name: string
  level: number
  at: number
}
