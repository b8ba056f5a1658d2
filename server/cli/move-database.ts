import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { Kysely } from 'kysely'
import * as v from 'valibot'
import { CommandError, type CommandHelp, parseWords, print, usageError } from '../command-line.ts'
import { readConfig } from '../config.ts'
import { type DataDirectory, dataDirectoryAt } from '../data-directory.ts'
import {
  copyTables,
  countTables,
  NotCopied,
  type TableCount,
  whyNotEmpty,
} from '../database/copy-to-postgres.ts'
import { isMigrationPending, migrate } from '../database/migrate.ts'
import { openPostgres } from '../database/open-postgres.ts'
import { sqliteDialect } from '../database/sqlite-dialect.ts'
import type { Database, Tables } from '../database/tables.ts'
import { isHeld, keepServersOff } from '../directory-lock.ts'
import { nodeEnvironment } from '../nodes/node-config.ts'
import { runCommand } from './run-command.ts'
import { table } from './table.ts'

const help: CommandHelp = {
  command: 'npm run move-database',
  does: 'Copies everything that a server alone keeps (SQLite, in DATA_DIR) into an empty database of PostgreSQL (DATABASE_URL), for several servers that are one service. All of it or nothing; the database in DATA_DIR stays as it is.',
  ways: [
    ['', 'Stop the server first. Counts every table before and after.'],
    [
      '--dry-run',
      'Does the same, takes it back, and says what would be copied and what would be refused. The server may run meanwhile.',
    ],
  ],
  options: [['--dry-run', 'changes nothing, here and there']],
  examples: [
    'DATABASE_URL=postgres://reachable@db.example/reachable npm run move-database -- --dry-run',
    'DATA_DIR=/var/lib/reachable DATABASE_URL=postgres://reachable@db.example/reachable npm run move-database',
  ],
  more: 'It refuses a database in which anything is, and never overwrites. Ends with 1 when something is refused.',
}

await runCommand(help, async (argv) => {
  const { values, positionals } = parseWords(argv, { 'dry-run': { type: 'boolean' } }, help)
  if (positionals.length > 0) throw usageError('"move-database" takes no words.', help)
  const { dataDir, databaseUrl, authSecret } = settings()
  const directory = dataDirectoryAt(dataDir)
  if (!existsSync(directory.database))
    throw new CommandError(
      `There is no database in ${dataDir}. Set DATA_DIR to that of the server which moves.`,
    )
  if (values['dry-run']) return tryOut(directory, dataDir, databaseUrl)
  const letGo = keepServersOff(directory)
  if (!letGo) throw new CommandError(`${runs(dataDir)} Nothing was copied.`)
  try {
    const { moved, waiting } = await withSource(directory, dataDir, async (source) => ({
      moved: await copy(source, databaseUrl, { keep: true }),
      waiting: waitingMails(source),
    }))
    printCounts(moved)
    print(
      `\nAll of it is in PostgreSQL, and was counted there. The database in ${dataDir} was left as it is.\n`,
    )
    for (const sentence of whatIsNext(directory, { dataDir, authSecret, waiting })) print(`- ${sentence}`)
  } finally {
    letGo()
  }
})

/** Only what this needs: what a node has to be told besides, it is told later. */
function settings() {
  const { DATABASE_URL: given, NATS_URL, NATS_CREDS_FILE, NATS_CA_FILE, ...alone } = process.env
  const { dataDir, authSecret } = readConfig(alone)
  if (!given?.trim())
    throw new CommandError(
      'Set DATABASE_URL to the empty database of PostgreSQL that everything is copied to.',
      2,
    )
  const read = v.safeParse(nodeEnvironment.DATABASE_URL, given)
  if (!read.success || read.output === undefined) throw new CommandError(read.issues?.[0].message ?? '', 2)
  return { dataDir, databaseUrl: read.output, authSecret }
}

function runs(dataDir: string): string {
  return `A server is running with the data in ${dataDir}: stop it before the move.`
}

async function tryOut(directory: DataDirectory, dataDir: string, databaseUrl: string): Promise<void> {
  const refused: string[] = []
  const counted = await withSource(directory, dataDir, async (source) => {
    await copy(source, databaseUrl, { keep: false }).catch((error) => {
      if (!(error instanceof CommandError)) throw error
      refused.push(error.message)
    })
    return countTables(source)
  })
  printCounts(counted)
  print(
    refused.length > 0
      ? `\nThis would be refused:\n${refused.map((why) => `- ${why}`).join('\n')}`
      : '\nAll of it would be copied: PostgreSQL took every row, and gave it back. Nothing was changed.',
  )
  if (isHeld(directory)) print(`${runs(dataDir)} What it writes until then is copied too.`)
  if (refused.length > 0) process.exitCode = 1
}

/**
 * Opens the database to read it as it is at this moment. One of an older version is brought up to date in a copy, which
 * is removed in the end.
 */
async function withSource<T>(
  directory: DataDirectory,
  dataDir: string,
  use: (source: DatabaseSync) => Promise<T>,
): Promise<T> {
  const url = pathToFileURL(directory.database)
  // Who only reads makes the files of a write-ahead log too, and leaves them there. Where there are none nobody writes.
  if (!existsSync(`${directory.database}-wal`)) url.searchParams.set('immutable', '1')
  const source = new DatabaseSync(url, { readOnly: true, timeout: 2_000 })
  let folder: string | undefined
  let upToDate: DatabaseSync | undefined
  try {
    const damage = String(source.prepare('pragma quick_check(1)').get()?.quick_check)
    if (damage !== 'ok')
      throw new CommandError(`The database ${directory.database} is damaged (${damage}). Nothing was copied.`)
    if (await isMigrationPending(asDatabase(source))) {
      folder = mkdtempSync(join(dataDir, 'moving-'))
      const path = join(folder, 'reachable.db')
      source.prepare('vacuum into ?').run(path)
      upToDate = new DatabaseSync(path)
      upToDate.exec('pragma foreign_keys = on')
      await migrate(asDatabase(upToDate))
    }
    const open = upToDate ?? source
    // What is written meanwhile is none of it.
    open.exec('begin')
    return await use(open)
  } finally {
    upToDate?.close()
    source.close()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}

function asDatabase(source: DatabaseSync): Database {
  return new Kysely<Tables>({ dialect: sqliteDialect(source) })
}

/**
 * Makes the tables and copies all rows, in one transaction.
 *
 * @param keep whether it stays.
 * @throws CommandError that says what was refused; then nothing stays.
 */
async function copy(
  source: DatabaseSync,
  databaseUrl: string,
  { keep }: { readonly keep: boolean },
): Promise<TableCount[]> {
  let copied: TableCount[] = []
  let refused: unknown
  const takenBack = new Error('only tried')
  const target = await openPostgres(databaseUrl, {
    applicationName: 'reachable command',
    connections: 1,
    // In here statements may take long.
    bringUpToDate: async (db) => {
      try {
        await db.transaction().execute(async (transaction) => {
          const why = await whyNotEmpty(transaction)
          if (why !== undefined)
            throw new CommandError(`The database in DATABASE_URL is not empty. ${why} Nothing was copied.`)
          await migrate(transaction)
          copied = await copyTables(source, transaction)
          if (!keep) throw takenBack
        })
      } catch (error) {
        if (error instanceof NotCopied || error instanceof CommandError) refused = error
        else if (error !== takenBack) throw error
      }
    },
  })
  await target.destroy()
  if (refused instanceof NotCopied) throw new CommandError(`${refused.message} Nothing was copied.`)
  if (refused !== undefined) throw refused
  return copied
}

function printCounts(counts: readonly TableCount[]): void {
  const rows = counts.map((one): [string, string] => [one.table, String(one.rows)])
  const all = counts.reduce((sum, one) => sum + one.rows, 0)
  print(table(['table', 'rows'], [...rows, ['all', String(all)]]))
}

function waitingMails(source: DatabaseSync): number {
  const waiting = source.prepare('select count(*) as "mails" from mail where "nextAt" is not null').get()
  return Number(waiting?.mails)
}

/** What whoever moves has to know. */
function whatIsNext(
  { secret }: DataDirectory,
  given: { readonly dataDir: string; readonly authSecret: string | undefined; readonly waiting: number },
): string[] {
  const { dataDir, authSecret, waiting } = given
  const kept = existsSync(secret)
    ? `as AUTH_SECRET what stands in ${secret}`
    : 'the AUTH_SECRET that the server had'
  const files = join(dataDir, 'outbox')
  return [
    `Give every node ${authSecret === undefined ? kept : 'the AUTH_SECRET that is set here'}: with another one, requests for a new password that wait are lost, and limits are counted anew.`,
    'Give every node the PUBLIC_URL that the server had: browsers know it by that.',
    `${waiting === 1 ? '1 mail waits and leaves' : `${waiting} mails wait and leave`} by the nodes: set SMTP_URL and MAIL_FROM there too.${existsSync(files) ? ` Mails that were written as files stay in ${files}.` : ''}`,
    'Start no server alone with that data any more: of what it writes the nodes do not know.',
  ]
}
