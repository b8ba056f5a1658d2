import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import type { Bus } from '../../../server/bus/bus.ts'
import type { Clock } from '../../../server/clock.ts'
import { readConfig } from '../../../server/config.ts'
import { openDatabase } from '../../../server/database/open-database.ts'
import type { Database } from '../../../server/database/tables.ts'
import type { Log } from '../../../server/log.ts'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { otherOwner } from '../../../server/owner-only.ts'
import { type Service, startService } from '../../../server/service.ts'
import { putMigratedDatabase } from '../../support/server/migrated-database.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { hashAtLeastCost } from './hash-costs.ts'
import { type TestClock, testClock } from './test-clock.ts'

/** A server that tests can put people into. */
export interface TestServer {
  readonly url: string
  readonly dataDir: string
  readonly clock: Clock
  /** The key that the operator's commands use. */
  readonly operatorKey: string
  /** A connection of the test's own to the server's database. */
  readonly db: () => Promise<Database>
}

export interface InProcessServer extends TestServer, Service {
  readonly url: string
  readonly clock: TestClock
}

export interface Start {
  readonly env?: Readonly<Record<string, string>>
  readonly dataDir?: string
  readonly clock?: TestClock
  /** Within this process by default. */
  readonly bus?: Bus
  /** Silent by default. */
  readonly log?: Log
  /** For what is measured or read of hashes of passwords: they cost next to nothing elsewhere. */
  readonly fullHashCost?: boolean
}

/** A real server in this process, on a free port and a database file of its own; it ends with the test. */
export async function startInProcessServer({
  env,
  dataDir = temporaryFolder(),
  clock = testClock(),
  bus,
  log = pino({ level: 'silent' }),
  fullHashCost = false,
}: Start = {}): Promise<InProcessServer> {
  const config = readConfig({ PORT: '0', DATA_DIR: dataDir, ...env })
  if (existsSync(dataDir) && otherOwner(dataDir) === undefined)
    await putMigratedDatabase(join(dataDir, 'reachable.db'))
  const hashCost = fullHashCost ? undefined : hashAtLeastCost(dataDir)
  const service = await startService(config, { clock, bus, log, hashCost })
  onTestFinished(() => service.close())
  let db: Promise<Database> | undefined
  return {
    ...service,
    clock,
    dataDir,
    operatorKey: readOperatorFile(join(dataDir, 'operator.json'))?.key ?? '',
    db: () => {
      db ??= openTestDatabase(dataDir)
      return db
    },
  }
}

/** Opens the database of a data directory besides whoever else has it open. */
export async function openTestDatabase(dataDir: string): Promise<Database> {
  const db = await openDatabase(join(dataDir, 'reachable.db'))
  onTestFinished(() => db.destroy())
  return db
}
