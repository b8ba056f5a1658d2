import { readConfig } from '../config.ts'
import { type DataDirectory, openDataDirectory } from '../data-directory.ts'
import { openDatabase } from '../database/open-database.ts'
import type { Database } from '../database/tables.ts'
import { StartFault } from '../startup-error.ts'

/** A command that was typed wrongly, or cannot be done. The message is for whoever typed it. */
export class CommandFault extends Error {
  override readonly name = 'CommandFault'
  /** 2 for a wrong use, 1 for what cannot be done. */
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

export const misuse = (message: string, usage: string): CommandFault =>
  new CommandFault(`${message}\n\n${usage}`, 2)

export interface Workplace {
  readonly directory: DataDirectory
  readonly db: Database
}

/** Runs a command on this machine's data directory, and says in one sentence what went wrong. */
export async function runCommand(command: (argv: string[], open: () => Promise<Workplace>) => Promise<void>) {
  let db: Database | undefined
  const open = async () => {
    const directory = openDataDirectory(readConfig(process.env).dataDir)
    db = await openDatabase(directory.database)
    return { directory, db }
  }
  try {
    await command(process.argv.slice(2), open)
  } catch (fault) {
    if (fault instanceof CommandFault) process.exitCode = fault.exitCode
    else if (fault instanceof StartFault || isWrongOption(fault)) process.exitCode = 2
    else if (isSqliteFault(fault)) process.exitCode = 1
    else throw fault
    process.stderr.write(`${fault.message}\n`)
  } finally {
    await db?.destroy()
  }
}

const isWrongOption = (fault: unknown): fault is Error =>
  fault instanceof Error && 'code' in fault && String(fault.code).startsWith('ERR_PARSE_ARGS')

const isSqliteFault = (fault: unknown): fault is Error =>
  fault instanceof Error && 'code' in fault && fault.code === 'ERR_SQLITE_ERROR'
