import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openDatabase } from '../../../server/database/open-database.ts'

let migrated: Promise<Buffer> | undefined

async function migrateOne(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'reachable-migrated-'))
  const path = join(folder, 'reachable.db')
  await (await openDatabase(path)).destroy()
  const file = readFileSync(path)
  rmSync(folder, { recursive: true, force: true })
  return file
}

/**
 * Puts an empty database of this version where there is none, in a folder that is there: to migrate one is most of what the
 * start of a server takes.
 */
export async function putMigratedDatabase(path: string): Promise<void> {
  if (existsSync(path) || !existsSync(dirname(path))) return
  migrated ??= migrateOne()
  writeFileSync(path, await migrated, { mode: 0o600 })
}
