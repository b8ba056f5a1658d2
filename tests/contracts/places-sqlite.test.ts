import { openTestDatabase } from '../server/support/in-process-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { placeContract } from './places.ts'

placeContract(async () => {
  const db = await openTestDatabase(temporaryFolder())
  return [db, db]
})
