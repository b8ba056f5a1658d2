import { join } from 'node:path'
import { openDatabase } from '../../../server/database/open-database.ts'
import type { Database } from '../../../server/database/tables.ts'
import type { Server } from './start-server.ts'

/** Works in the database of a server that runs, beside it, as commands do. */
export async function withDatabaseOf<R>(
  { dataDir }: Pick<Server, 'dataDir'>,
  work: (db: Database) => Promise<R>,
): Promise<R> {
  // The server has brought its tables up to date.
  const db = await openDatabase(join(dataDir, 'reachable.db'), async () => {})
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}
