import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../server/config.ts'
import { startService } from '../../server/service.ts'
import { leastHashCost } from '../server/support/hash-costs.ts'

/** A real server with the demo accounts, on a free port, where a password costs next to nothing; its starter stops it. */
export async function startDemoService() {
  const folder = await mkdtemp(join(tmpdir(), 'reachable-extension-'))
  const env = { PORT: '0', DATA_DIR: folder, DEMO_ACCOUNTS: '1', LOG_LEVEL: 'silent' }
  const service = await startService(readConfig(env), { hashCost: leastHashCost })
  return {
    url: service.url,
    password: service.demoAccounts.find(({ username }) => username === 'ann')?.password ?? '',
    stop: async () => {
      await service.close()
      await rm(folder, { recursive: true })
    },
  }
}

export type DemoService = Awaited<ReturnType<typeof startDemoService>>
