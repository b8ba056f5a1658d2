import { setImmediate } from 'node:timers/promises'
import { makeDemoAccounts } from './accounts/demo.ts'
import type { NewAccount } from './accounts/manage.ts'
import { purge } from './accounts/purge.ts'
import { newSecret } from './accounts/secret-token.ts'
import { type Clock, systemClock } from './clock.ts'
import { type Composed, compose } from './compose.ts'
import type { Config } from './config.ts'
import { holdDataDirectory, keptSecret, openDataDirectory } from './data-directory.ts'
import { openDatabase } from './database/open-database.ts'
import type { Database } from './database/tables.ts'
import { listen, webAddress } from './listen.ts'
import { type Log, openLog } from './log.ts'
import { removeOperatorFile, writeOperatorFile } from './operator-file.ts'
import { closeOpenStretches } from './presence/reachability-record.ts'
import { StartupError } from './startup-error.ts'

/** Deadlines are looked at this often, in ms: one timer for everybody. */
const tickEvery = 100

/** A mail on its way out is waited for so long, in ms; one that takes longer is sent again by the next server. */
const postWithin = 500

export interface Service {
  /** The address that people and devices use: `publicUrl`, or host and real port. */
  readonly url: string
  /** Accounts made because there were none, with their passwords; nobody can be told those again. */
  readonly demoAccounts: readonly NewAccount[]
  /** Tells the devices, ends what rings, writes what is to be kept, closes. Takes less than 2 s. */
  close(): Promise<void>
}

export interface Overrides {
  readonly clock?: Clock
  readonly log?: Log
}

/**
 * Starts a server in this process.
 *
 * @throws StartupError when it cannot start, with nothing left open.
 */
export async function startService(config: Config, overrides: Overrides = {}): Promise<Service> {
  const clock = overrides.clock ?? systemClock
  const log = overrides.log ?? (await openLog(config.logLevel, false))
  const directory = openDataDirectory(config.dataDir)
  const undo: (() => unknown)[] = [holdDataDirectory(directory)]
  try {
    const secret = config.authSecret ?? keptSecret(directory.secret)
    const db = await openDatabase(directory.database)
    undo.unshift(() => db.destroy())
    let publicUrl = ''
    let localUrl = ''
    const operatorKey = newSecret()
    const composed = compose({
      ...{ config, db, clock, log, secret, operatorKey },
      publicUrl: () => publicUrl,
      localUrl: () => localUrl,
    })
    await recover(db, composed, clock, log)
    const port = await listen(composed.server, config.host, config.port)
    undo.unshift(() => composed.server.close())
    localUrl = webAddress(config.host, port)
    publicUrl = config.publicUrl ?? localUrl
    writeOperatorFile(directory.operator, { url: localUrl, key: operatorKey, pid: process.pid })
    undo.unshift(() => removeOperatorFile(directory.operator))
    composed.server.on('error', (err) => log.error({ err }, 'the HTTP server has a fault'))
    // Only now: a server that does not come up must not make passwords that nobody is told.
    const demoAccounts = config.demoAccounts ? await makeDemoAccounts(db, composed.auth) : []
    const tick = () =>
      void composed.tick().catch((err) => log.error({ err }, 'a look at the deadlines failed'))
    const timer = setInterval(tick, tickEvery)
    let closed: Promise<void> | undefined
    const close = async () => {
      await stop(composed, log)
      clearInterval(timer)
      for (const step of undo) await step()
    }
    return {
      url: publicUrl,
      demoAccounts,
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
async function recover(db: Database, composed: Composed, clock: Clock, log: Log): Promise<void> {
  try {
    await closeOpenStretches(db)
    const ended = await composed.calls.recover()
    if (ended > 0) log.warn({ calls: ended }, 'calls that rang when the server stopped are kept as missed')
    await purge(db, clock.wall())
    await composed.tick()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StartupError(`The database cannot be written to (${why}). Check that its disk has room.`)
  }
}

async function stop(composed: Composed, log: Log): Promise<void> {
  composed.server.close()
  await composed.calls.stop().catch((err) => log.error({ err }, 'ringing calls end at the next start'))
  composed.presence.stop()
  await composed.flush().catch((err) => log.error({ err }, 'the record of who was reachable is not complete'))
  // What was just published reaches the devices before the connections are closed.
  await setImmediate()
  composed.stopping.abort()
  await composed.outboxWorker.stop(postWithin)
  await composed.socket.close()
  composed.server.closeAllConnections()
}
