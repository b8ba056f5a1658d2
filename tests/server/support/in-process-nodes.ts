import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { type Clock, systemClock } from '../../../server/clock.ts'
import { readConfig } from '../../../server/config.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import type { Database } from '../../../server/database/tables.ts'
import type { Log } from '../../../server/log.ts'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { type Service, startService } from '../../../server/service.ts'
import { createNats, type NatsProcess } from '../../support/nodes/nats.ts'
import { createDatabase } from '../../support/nodes/postgres.ts'
import { startTcpProxy, type TcpProxy } from '../../support/nodes/tcp-proxy.ts'
import type { TestServer } from './in-process-server.ts'

export interface InProcessNode extends TestServer, Service {
  readonly url: string
  /** Its own ways, which can fail. */
  readonly toNats: TcpProxy
}

/** What several nodes share, and what starts one more; all in this process, on a real PostgreSQL and a real NATS. */
export interface InProcessService {
  readonly db: Database
  readonly nats: NatsProcess
  /** What is set for each node, and where its commands are run. */
  readonly settings: Readonly<Record<string, string>>
  readonly start: (options?: {
    readonly clock?: Clock
    readonly env?: Record<string, string>
    /** Silent by default. */
    readonly log?: Log
  }) => Promise<InProcessNode>
  readonly close: () => Promise<void>
}

/** For a whole file of tests: whoever calls it closes it. */
export async function openInProcessService(): Promise<InProcessService> {
  const [nats, database] = await Promise.all([
    createNats({ asDeployed: true }),
    createDatabase({ migrated: true }),
  ])
  const db = await openPostgres(database.url)
  const settings = {
    ...{ DATABASE_URL: database.url, NATS_URL: `nats://127.0.0.1:${nats.port}` },
    ...{ AUTH_SECRET: randomUUID() + randomUUID(), PUBLIC_URL: 'https://reachable.example' },
  }
  const started: { close(): Promise<void> }[] = []

  return {
    db,
    nats,
    settings,
    async start({ clock = systemClock, env, log = pino({ level: 'silent' }) } = {}) {
      const dataDir = mkdtempSync(join(tmpdir(), 'reachable-node-'))
      const toNats = await startTcpProxy(() => [nats.port])
      const config = readConfig({
        ...settings,
        ...{ PORT: '0', DATA_DIR: dataDir, NATS_URL: `nats://127.0.0.1:${toNats.port}`, DRAIN_SECONDS: '2' },
        ...env,
      })
      const service = await startService(config, { clock, log })
      started.push({
        async close() {
          await service.close()
          await toNats.close()
          rmSync(dataDir, { recursive: true, force: true })
        },
      })
      const operator = readOperatorFile(join(dataDir, 'operator.json'))
      return {
        ...service,
        url: operator?.url ?? '',
        operatorKey: operator?.key ?? '',
        clock,
        dataDir,
        toNats,
        db: async () => db,
      }
    },
    async close() {
      await Promise.all(started.map((node) => node.close()))
      await db.destroy()
      await Promise.all([nats.remove(), database.drop()])
    },
  }
}
