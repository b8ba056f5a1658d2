import { Kysely, type TransactionBuilder } from 'kysely'
import type { Pool } from 'pg'
import { postgresDialect } from './postgres-dialect.ts'
import { isConflict, retryConflicts } from './retry-conflicts.ts'
import type { Database, Tables } from './tables.ts'
import { createTurns } from './turns.ts'

/** For so long, in ms, what came between others is tried again. */
const retryWithin = 3_500

/**
 * What has connections of its own, so that no crowd for anything else keeps it waiting: the probe by which this server
 * knows that it can write; calls, and how often a key may place them; and what strangers make us count, of which there may
 * be any number.
 */
export type Lane = 'probe' | 'calls' | 'counts'

/** A database of PostgreSQL by one pool of connections, with others beside it for its lanes. */
export class PostgresDatabase extends Kysely<Tables> {
  readonly lanes: Readonly<Record<Lane, Database>> | undefined
  readonly #retrying = { within: retryWithin, turns: createTurns(1) }

  constructor(
    pool: Pool,
    onError: ((error: unknown) => void) | undefined,
    lanes?: Readonly<Record<Lane, Database>>,
  ) {
    super({
      dialect: postgresDialect(pool, retryWithin),
      log: ({ level, ...event }) => {
        if (level === 'error' && 'error' in event && !isConflict(event.error)) onError?.(event.error)
      },
    })
    this.lanes = lanes
  }

  override transaction(): TransactionBuilder<Tables> {
    const builder = super.transaction()
    const once = builder.execute.bind(builder)
    builder.execute = (callback) => retryConflicts(() => once(callback), this.#retrying)
    return builder
  }

  override async destroy(): Promise<void> {
    await Promise.all([super.destroy(), ...Object.values(this.lanes ?? {}).map((lane) => lane.destroy())])
  }
}

/**
 * The same database by a lane; itself where it has none, and in a transaction.
 *
 * In `calls` and `counts` a statement sees what was committed before it, and a transaction is not alone (read
 * committed): what is to stay as it was read is locked first (`locking.ts`). So those who want the same queue for it,
 * where the others would undo one another.
 */
export const laneOf = (db: Database, lane: Lane): Database =>
  db instanceof PostgresDatabase ? (db.lanes?.[lane] ?? db) : db
