import { onTestFinished } from 'vitest'
import { openPostgres } from '../../server/database/open-postgres.ts'
import { migratedPostgres } from '../support/nodes/postgres.ts'
import { peopleContract } from './people.ts'

peopleContract(async () => {
  const url = await migratedPostgres()
  const open = async () => {
    const db = await openPostgres(url)
    onTestFinished(() => db.destroy())
    return db
  }
  return [await open(), await open()]
})
