import { onTestFinished } from 'vitest'
import { openPostgres } from '../../server/database/open-postgres.ts'
import { testPostgres } from '../support/nodes/postgres.ts'
import { placeContract } from './places.ts'

placeContract(async () => {
  const url = await testPostgres()
  const open = async () => {
    const db = await openPostgres(url)
    onTestFinished(() => db.destroy())
    return db
  }
  return [await open(), await open()]
})
