import { openTestDatabase } from '../server/support/in-process-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { messageContract } from './messages.ts'

messageContract(async () => {
  const db = await openTestDatabase(temporaryFolder())
  return [db, db]
})
