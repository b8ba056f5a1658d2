import { setImmediate } from 'node:timers/promises'
import { findAccount } from './accounts/find-account.ts'
import { addDemoAccounts, type NewAccount } from './accounts/operator-accounts.ts'
import type { HashCost } from './accounts/password-hash.ts'
import { newSecret } from './accounts/secrets.ts'
import type { Bus } from './bus/bus.ts'
import { type Clock, systemClock } from './clock.ts'
import { compose, type Subsystems } from './compose.ts'
import { type Config, isDemonstration } from './config.ts'
import { openDataDirectory, secretOf } from './data-directory.ts'
import { migrate } from './database/migrate.ts'
import { openDatabase } from './database/open-database.ts'
import type { Database } from './database/tables.ts'
import { holdDataDirectory } from './directory-lock.ts'
import { watchDisk } from './disk.ts'
import { tickEvery } from './every.ts'
import { listen, webAddress } from './listen.ts'
import { type Log, openLog } from './log.ts'
import { openNode } from './nodes/open-node.ts'
import { removeOperatorFile, writeOperatorFile } from './operator-file.ts'
import { changeContacts } from './people/contact-changes.ts'
import { joinPeople } from './people/links.ts'
import { StartupError } from './startup-error.ts'

/** Deadlines are looked at this often, in ms: one timer for everybody. */
const tickInterval = 100

/** A mail on its way out is waited for so long, in ms; one that takes longer is sent again by the next server. */
const mailWithin = 500

export interface Service {
  /** The address that people and devices use: `publicUrl`, or host and real port. */
  readonly url: string
  /** Where it listens on this machine. */
  readonly localUrl: string
  /** Accounts made because there were none, with their passwords; nobody can be told those again. */
  readonly demoAccounts: readonly NewAccount[]
  /** Its name among the nodes of its service; undefined for a server that runs alone. */
  readonly node: string | undefined
  /** A node of several takes nobody new, and has its devices move to the others. Of a server alone it does nothing. */
  drain(): Promise<void>
  /** Tells the devices, ends what rings, writes what is to be kept, closes. Takes less than 2 s. */
  close(): Promise<void>
}

export interface ServiceOptions {
  /** The machine's own by default. */
  readonly clock?: Clock
  /** Within this process by default. */
  readonly bus?: Bus | undefined
  /** JSON lines on standard output by default. */
  readonly log?: Log
  /** Of the hashes of passwords; by default what keeps them safe. */
  readonly hashCost?: HashCost | undefined
}

/** Makes people contacts of each other before any device of theirs is there to be told. */
async function befriend(db: Database, people: readonly NewAccount[], now: number): Promise<void> {
  const accounts = await Promise.all(people.map(({ username }) => findAccount(db, username)))
  const ids = accounts.flatMap((account) => (account ? [account.id] : []))
  await changeContacts(db, now, async (trx, changes) => {
    for (const [place, one] of ids.entries())
      for (const other of ids.slice(place + 1)) await joinPeople(trx, changes, one, other, now)
  })
}

/**
 * Starts a server in this process.
 *
 * @throws StartupError when it cannot start, with nothing left open.
 */
export async function startService(config: Config, options: ServiceOptions = {}): Promise<Service> {
  const machine = options.clock ?? systemClock
  const machineLog = options.log ?? (await openLog(config))
  const directory = openDataDirectory(config.dataDir)
  const undo: (() => unknown)[] = [holdDataDirectory(directory)]
  try {
    const secret = secretOf(config, directory)
    const shared = { authSecret: secret, publicUrl: config.publicUrl ?? '' }
    const node = config.nodes && (await openNode({ ...config.nodes, ...shared }, machine, machineLog))
    const log = node?.log ?? machineLog
    const disk = watchDisk({ config, reserve: directory.reserve, clock: machine, log })
    const clock = node?.clock ?? machine
    const db = node?.db ?? (await openDatabase(directory.database, migrate, disk.makeRoom))
    undo.unshift(node?.close ?? (() => db.destroy()))
    let publicUrl = ''
    let localUrl = ''
    const operatorKey = newSecret()
    const subsystems = compose({
      config,
      db,
      bus: node?.bus ?? options.bus,
      node: node?.record,
      hearing: node?.hearing,
      disk,
      clock,
      log,
      hashCost: options.hashCost,
      secret,
      operatorKey,
      publicUrl: () => publicUrl,
      localUrl: () => localUrl,
    })
    await recover(subsystems, log)
    // Of nodes that start at once, each has written itself down by now.
    await node?.record.agree()
    const port = await listen(subsystems.httpServer, config)
    undo.unshift(() => subsystems.httpServer.close())
    localUrl = webAddress({ host: config.host, port })
    publicUrl = config.publicUrl ?? localUrl
    writeOperatorFile(directory.operator, {
      url: localUrl,
      key: operatorKey,
      pid: process.pid,
      mails: config.smtpUrl === undefined ? 'files' : 'sent',
      demo: isDemonstration(config),
    })
    undo.unshift(() => removeOperatorFile(directory.operator))
    subsystems.httpServer.on('error', (err) => log.error({ err }, 'the HTTP server met an error'))
    // Only now: a server that does not come up must not make passwords that nobody is told.
    const demoAccounts = config.demoAccounts
      ? await addDemoAccounts(db, subsystems.passwords, config, clock.wall())
      : []
    await befriend(db, demoAccounts, clock.wall())
    const stopTicking = tickEvery(tickInterval, subsystems.tick, (err) =>
      log.error({ err }, 'a look at the deadlines failed'),
    )
    let closed: Promise<void> | undefined
    const close = async () => {
      await stop(subsystems, log)
      await stopTicking()
      for (const step of undo) await step()
    }
    return {
      url: publicUrl,
      localUrl,
      demoAccounts,
      node: node?.record.id,
      drain: () => subsystems.drain(config.drainFor),
      close: () => {
        closed ??= close()
        return closed
      },
    }
  } catch (error) {
    for (const step of undo) await step()
    throw error
  }
}

/** What a server that ended without a word left behind is put right before anybody can ask. */
async function recover(subsystems: Subsystems, log: Log): Promise<void> {
  try {
    const ended = await subsystems.recover()
    if (ended > 0) log.warn({ calls: ended }, 'calls that rang when the server stopped are kept as missed')
    await subsystems.tick()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StartupError(`The database cannot be written to (${why}). Check that its disk has room.`)
  }
}

async function stop(subsystems: Subsystems, log: Log): Promise<void> {
  subsystems.httpServer.close()
  // Before calls are refused: a lease that is granted says that they are not.
  subsystems.presence.stopGranting()
  await subsystems.calls.stop().catch((err) => log.error({ err }, 'ringing calls end at the next start'))
  subsystems.presence.endLeases()
  await subsystems.reachability
    .flushNow()
    .catch((err) => log.error({ err }, 'the record of who was reachable is not complete'))
  // What was just published reaches the devices before the connections are closed.
  await setImmediate()
  await subsystems.presence.tellNews()
  subsystems.stopping.abort()
  await Promise.all([
    subsystems.outboxWorker.stop(mailWithin),
    subsystems.webhookWorker.stop(mailWithin),
    subsystems.webSockets.close(),
    subsystems.roomSockets?.close(),
  ])
  subsystems.httpServer.closeAllConnections()
  await subsystems
    .finishRecord()
    .catch((err) =>
      log.error({ err }, 'how many more refusals there were is put on record at the next start'),
    )
}
