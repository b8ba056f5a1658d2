import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { createReachabilityRecord } from '../../../server/presence/reachability-record.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'

const many = 500
/** The least that a commit adds to SQLite's log, in bytes. */
const page = 4_096

test('L5.5 S4.1 a server that stops ends everybody’s lease in its records by one commit, for it has no time for one each', async () => {
  const dataDir = temporaryFolder()
  const db = await openTestDatabase(dataDir)
  const record = createReachabilityRecord(db, Number.POSITIVE_INFINITY)
  await db.transaction().execute(async (transaction) => {
    for (let n = 0; n < many; n += 1) {
      const person = { username: `u${n}`, name: 'U', email: `u${n}@clinic.example`, emailVerified: false }
      record.ended(await insertUser(transaction, person, Date.now()), 1_000)
    }
  })
  const logged = () => statSync(join(dataDir, 'reachable.db-wal')).size
  const before = logged()
  await record.flushNow()
  expect(logged() - before).toBeLessThan((many * page) / 2)
  const rows = await db.selectFrom('reachability').select('until').execute()
  expect(rows).toHaveLength(many)
})
