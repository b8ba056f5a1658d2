import { openTestDatabase } from '../server/support/in-process-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { peopleContract } from './people.ts'

peopleContract(async () => {
  const db = await openTestDatabase(temporaryFolder())
  return [db, db]
})
