import { onTestFinished } from 'vitest'
import { openPostgres } from '../../server/database/open-postgres.ts'
import { migratedPostgres } from '../support/nodes/postgres.ts'
import { messageContract } from './messages.ts'

messageContract(async () => {
  const url = await migratedPostgres()
  const open = async () => {
    const db = await openPostgres(url)
    onTestFinished(() => db.destroy())
    return db
  }
  return [await open(), await open()]
})
