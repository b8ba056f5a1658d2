import { openTestDatabase } from '../server/support/in-process-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { expectedCallContract } from './expected-calls.ts'

expectedCallContract(async () => {
  const db = await openTestDatabase(temporaryFolder())
  return [db, db]
})
