import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import {
  CommandError,
  type CommandHelp,
  errorText,
  helpIfAsked,
  refuseOptionsKeptByNpm,
} from '../command-line.ts'
import { readConfig } from '../config.ts'
import { type DataDirectory, dataDirectoryAt, openDataDirectory } from '../data-directory.ts'
import { isMigrationPending, migrate } from '../database/migrate.ts'
import { isSqliteError, openDatabase } from '../database/open-database.ts'
import type { Database } from '../database/tables.ts'
import { keepServersOff } from '../directory-lock.ts'
import { makeFilesOwnerOnly } from '../owner-only.ts'
import type { ToTell } from '../people/contact-changes.ts'
import { StartupError } from '../startup-error.ts'
import { recheckNow, tellContactsNow, whenMailLeaves, whenMailLeavesNodes } from './running-server.ts'

/** What a command works on, opened when it is known to be used rightly. */
export interface Workplace {
  readonly directory: DataDirectory
  readonly db: Database
  /** Has whoever runs look at somebody's sessions again, some of which may just have been ended. */
  recheck(userId: string): Promise<void>
  /** Has whoever runs tell devices of contacts that were just changed. */
  tellContacts(toTell: ToTell): Promise<void>
  /** What becomes of a mail that was put into the outbox: a sentence for whoever typed the command. */
  whenMailLeaves(): Promise<string>
}

/**
 * @param mayMake whether a database is made where there is none: only for what can be first. Whatever else is asked for was
 *   meant for a server that has another data directory.
 */
export type OpenWorkplace = (options?: { readonly mayMake?: boolean }) => Promise<Workplace>

/** Runs a command on this machine's data directory, or on the database of all nodes, and says in one sentence what went wrong; or tells what it is. */
export async function runCommand(
  help: CommandHelp,
  command: (argv: string[], open: OpenWorkplace) => Promise<void>,
) {
  // Whoever reads no more (`| head`) keeps no command from its work.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const argv = process.argv.slice(2)
  helpIfAsked(help, argv)
  makeFilesOwnerOnly()
  let db: Database | undefined
  let isDatabaseError: (error: unknown) => error is Error = isSqliteError
  const open: OpenWorkplace = async ({ mayMake = false } = {}) => {
    const { dataDir, nodes, smtpUrl } = readConfig(process.env)
    if (!nodes && !mayMake && !existsSync(dataDirectoryAt(dataDir).database)) {
      // What else is wrong with it comes first.
      if (existsSync(dataDir)) openDataDirectory(dataDir)
      throw new CommandError(noDatabase(dataDir))
    }
    const directory = openDataDirectory(dataDir)
    if (nodes) {
      // Loaded by whoever has nodes: every other command would start later for it.
      const { countLivingNodes, isPostgresError, openNodesDatabase, recheckOnNodes, tellContactsOnNodes } =
        await import('./nodes-workplace.ts')
      isDatabaseError = isPostgresError
      const shared = await openNodesDatabase(nodes)
      db = shared
      return {
        directory,
        db,
        recheck: (userId: string) => recheckOnNodes(nodes.nats, shared, userId),
        tellContacts: (toTell: ToTell) => tellContactsOnNodes(nodes.nats, shared, toTell),
        whenMailLeaves: async () =>
          whenMailLeavesNodes(await countLivingNodes(shared), smtpUrl !== undefined),
      }
    }
    const existed = existsSync(directory.database)
    db = await openDatabase(directory.database, (opened) => migrateBesideNoServer(opened, directory))
    if (!existed) process.stderr.write(`${madeDatabase(dataDir)}\n`)
    return {
      directory,
      db,
      recheck: (userId: string) => recheckNow(directory.operator, userId),
      tellContacts: (toTell: ToTell) => tellContactsNow(directory.operator, toTell),
      whenMailLeaves: async () => whenMailLeaves(directory.operator),
    }
  }
  try {
    refuseOptionsKeptByNpm(help)
    await command(argv, open)
  } catch (error) {
    if (error instanceof CommandError) process.exitCode = error.exitCode
    else if (error instanceof StartupError) process.exitCode = 2
    else if (isDatabaseError(error)) process.exitCode = 1
    else throw error
    process.stderr.write(`${errorText(error, argv)}\n`)
  } finally {
    await db?.destroy()
  }
}

const noDatabase = (dataDir: string) =>
  `There is no database in ${dataDir}, and none was made. Set DATA_DIR to that of your server, or DATABASE_URL and the rest to a node’s; the first start makes a new one, and so does "npm run account -- add".`

/** For whoever meant the database of a server that has another directory. */
const madeDatabase = (dataDir: string) =>
  `There was no database in ${dataDir}, and a new one was made. If your server has another DATA_DIR, give it to this command too.`

/** A server that starts at this moment is given so long, in ms, to migrate by itself. */
const serverMigratesWithin = 2_000

/** A server that runs would lose its tables to a migration of a newer version's command. */
async function migrateBesideNoServer(db: Database, directory: DataDirectory): Promise<void> {
  const until = performance.now() + serverMigratesWithin
  while (await isMigrationPending(db)) {
    const letGo = keepServersOff(directory)
    if (letGo) return await migrate(db).finally(letGo)
    if (performance.now() > until)
      throw new CommandError(
        'A server of an older version is running with this data directory: restart the server first. Nothing was changed.',
      )
    await delay(50)
  }
}
