import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type CommandHelp, parseWords, readCommandLine, usageError } from './command-line.ts'
import { readConfig } from './config.ts'
import { type Log, openLog } from './log.ts'
import { makeFilesOwnerOnly } from './owner-only.ts'
import { type Service, startService } from './service.ts'
import type { StartReport } from './start-report.ts'
import { StartupError } from './startup-error.ts'

const help: CommandHelp = {
  command: 'node server/main.ts',
  does: 'Runs the Reachable server alone, as a service does, until SIGTERM or Ctrl-C. All its settings are environment variables: docs/OPERATING.md has them.',
  ways: [['', '']],
  options: [
    ['--follow-parent', 'ends with whoever started it, over a channel of Node’s between the two'],
    ['--report-start', 'tells over that channel, if there is one, how it started, and leaves it to say so'],
  ],
  examples: [
    'node server/main.ts',
    'PORT=9000 DATA_DIR=/var/lib/reachable PUBLIC_URL=https://reachable.example node server/main.ts',
  ],
  more: 'It needs Node 24. To try Reachable, use npm start instead, which also builds the extension.',
}

const asked = readCommandLine(help, (argv) => {
  const options = { 'follow-parent': { type: 'boolean' }, 'report-start': { type: 'boolean' } } as const
  const { values, positionals } = parseWords(argv, options, help)
  if (positionals.length > 0) throw usageError('The server takes no words.', help)
  return values
})

/** Stopping takes less than 2 s, or is not waited for. */
const stopWithin = 1_900
/** Less when the parent is gone: noticing that took its time, and nobody is left to end this by force. */
const stopAloneWithin = 1_500
/** Draining takes so much longer, in ms, than devices are given: what is written before. */
const drainSlack = 5_000

makeFilesOwnerOnly()

try {
  const config = readConfig(process.env)
  const log = await openLog(config)
  const service = await startService(config, { log })
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void drainAndStop(service, config.drainFor, log))
  process.on('exit', (code) => log.info({ node: service.node, code }, 'has stopped'))
  if (asked['follow-parent']) followParent(() => void stop(service, stopAloneWithin))
  log.info(
    { url: service.url, at: service.localUrl, dataDir: config.dataDir, node: service.node },
    'listening',
  )
  // With nobody at the other end, whoever reads the terminal is told: passwords are told once.
  if (asked['report-start'] && process.connected)
    report({
      kind: 'listening',
      url: service.url,
      mailFolder: config.smtpUrl === undefined ? join(config.dataDir, 'outbox') : null,
      demoAccounts: service.demoAccounts.map(({ username, name, password }) => ({
        username,
        name,
        password,
      })),
      passwordsEnd: Date.now() + config.firstPasswordLifetime,
    })
  else
    for (const { username, password } of service.demoAccounts)
      process.stderr.write(
        `Demo account: username ${username}, password ${password} (shown only now, and ends if it is not used soon)\n`,
      )
} catch (error) {
  if (!(error instanceof StartupError)) throw error
  process.stderr.write(`${error.message}\n`)
  if (asked['report-start']) report({ kind: 'refused' })
  process.exitCode = 1
}

function report(started: StartReport): void {
  process.send?.(started)
}

/** The system closes the channel however the parent ended, which may have been while this server started. */
function followParent(end: () => void) {
  if (process.connected) process.once('disconnect', end)
  else end()
}

let draining = false

/** The second time at once: whoever asks twice will not wait. */
async function drainAndStop(service: Service, within: number, log: Log) {
  if (!draining)
    log.info(
      { node: service.node },
      service.node === undefined ? 'stops' : 'stops: its devices move to other nodes',
    )
  if (!draining && service.node !== undefined) {
    draining = true
    // A database that hangs must not keep it.
    await Promise.race([service.drain(), delay(within + drainSlack, undefined, { ref: false })])
  }
  await stop(service)
}

async function stop(service: Service, within = stopWithin) {
  setTimeout(() => process.exit(1), within).unref()
  await service.close()
  process.exit(0)
}
