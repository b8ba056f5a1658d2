import { onTestFinished } from 'vitest'
import { openPostgres } from '../../server/database/open-postgres.ts'
import { testPostgres } from '../support/nodes/postgres.ts'
import { roomContract } from './rooms.ts'

roomContract(async () => {
  const db = await openPostgres(await testPostgres())
  onTestFinished(() => db.destroy())
  return db
})
