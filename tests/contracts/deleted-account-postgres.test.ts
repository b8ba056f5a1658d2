import { onTestFinished } from 'vitest'
import { openPostgres } from '../../server/database/open-postgres.ts'
import { migratedPostgres } from '../support/nodes/postgres.ts'
import { deletedAccountContract } from './deleted-account.ts'

deletedAccountContract(async () => {
  const db = await openPostgres(await migratedPostgres())
  onTestFinished(() => db.destroy())
  return db
})
