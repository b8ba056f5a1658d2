import { readConfig } from './config.ts'
import { openLog } from './log.ts'
import { type Service, startService } from './service.ts'
import { StartFault } from './start-fault.ts'

/** Stopping takes less than 2 s, or is not waited for. */
const stopWithin = 1_900

const forPeople = process.stdout.isTTY === true

try {
  const config = readConfig(process.env)
  const log = await openLog(config.logLevel, forPeople)
  const service = await startService(config, { log })
  for (const { username, password } of service.demoAccounts)
    process.stderr.write(`Demo account: username ${username}, password ${password} (shown only now)\n`)
  log.info({ url: service.url, dataDir: config.dataDir }, 'listening')
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(service))
} catch (fault) {
  if (!(fault instanceof StartFault)) throw fault
  process.stderr.write(`${fault.message}\n`)
  process.exitCode = 1
}

async function stop(service: Service) {
  setTimeout(() => process.exit(1), stopWithin).unref()
  await service.close()
  process.exit(0)
}
