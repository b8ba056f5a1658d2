import { openTestDatabase } from '../server/support/in-process-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { databaseContract } from './database.ts'

databaseContract(async () => {
  const db = await openTestDatabase(temporaryFolder())
  return [db, db]
}, 1_000)
