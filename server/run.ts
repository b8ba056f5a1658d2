import { readConfig } from './config.ts'
import { openLog } from './log.ts'
import { makeFilesOwnerOnly } from './owner-only.ts'
import { type Service, startService } from './service.ts'
import { StartupError } from './startup-error.ts'

/** How a server is started that is to end with whoever started it, over a channel of Node's between the two. */
const followsParent = process.argv.includes('--follow-parent')

/** Stopping takes less than 2 s, or is not waited for. */
const stopWithin = 1_900
/** Less when the parent is gone: noticing that took its time, and nobody is left to end this by force. */
const stopAloneWithin = 1_500

const forPeople = process.stdout.isTTY === true

makeFilesOwnerOnly()

try {
  const config = readConfig(process.env)
  const log = await openLog(config, forPeople)
  const service = await startService(config, { log })
  for (const { username, password } of service.demoAccounts)
    process.stderr.write(
      `Demo account: username ${username}, password ${password} (shown only now, and ends if it is not used soon)\n`,
    )
  log.info({ url: service.url, dataDir: config.dataDir }, 'listening')
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(service))
  if (followsParent) followParent(() => void stop(service, stopAloneWithin))
} catch (error) {
  if (!(error instanceof StartupError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

/** The system closes the channel however the parent ended, which may have been while this server started. */
function followParent(end: () => void) {
  if (process.connected) process.once('disconnect', end)
  else end()
}

async function stop(service: Service, within = stopWithin) {
  setTimeout(() => process.exit(1), within).unref()
  await service.close()
  process.exit(0)
}
