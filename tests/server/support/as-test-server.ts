import { join } from 'node:path'
import { systemClock } from '../../../server/clock.ts'
import type { Database } from '../../../server/database/tables.ts'
import { readOperatorFile } from '../../../server/operator-file.ts'
import type { Server } from '../../support/server/start-server.ts'
import type { TestServer } from './in-process-server.ts'
import { openTestDatabase } from './in-process-server.ts'

/** A server that runs as a process of its own, as the tests of this folder know servers. */
export function asTestServer({ url, dataDir }: Pick<Server, 'url' | 'dataDir'>): TestServer {
  let db: Promise<Database> | undefined
  return {
    url,
    dataDir,
    clock: systemClock,
    operatorKey: readOperatorFile(join(dataDir, 'operator.json'))?.key ?? '',
    db: () => {
      db ??= openTestDatabase(dataDir)
      return db
    },
  }
}
