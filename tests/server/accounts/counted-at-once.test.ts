import type { KyselyPlugin } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { createApiKey, findApiKey } from '../../../server/accounts/api-keys.ts'
import { countRequest } from '../../../server/accounts/request-rate-limit.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { migratedPostgres } from '../../support/nodes/postgres.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'

test('D5.4 requests that come at once at two nodes are counted together: no more than the limit are let in', async () => {
  const url = await migratedPostgres()
  const nodes = await Promise.all([openPostgres(url), openPostgres(url)])
  onTestFinished(() => Promise.all(nodes.map((node) => node.destroy())).then(() => {}))
  const now = Date.now()
  const waits = await Promise.all(
    nodes.flatMap((db) =>
      Array.from({ length: 6 }, () => countRequest(db, 'secret', [{ key: 'x', most: 4 }], now)),
    ),
  )
  expect(waits.filter((wait) => wait === 0)).toHaveLength(4)
})

test('D5.8 that a key is used is written by one of all who use it at that moment', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const now = Date.now()
  const key = await createApiKey(db, 'Portal', now)
  if (key === undefined) throw new Error('no key')
  const usedAt = async () => (await db.selectFrom('apiKey').select('usedAt').executeTakeFirstOrThrow()).usedAt
  /** Between the reading and the writing of one, another writes. */
  const beside: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      if (result.rows.length > 0)
        await db
          .updateTable('apiKey')
          .set({ usedAt: now + 1 })
          .execute()
      return result
    },
  }
  expect(await findApiKey(db.withPlugin(beside), key, now + 2)).toMatchObject({ name: 'Portal' })
  expect(await usedAt()).toBe(now + 1)
  await findApiKey(db, key, now + 60_000)
  expect(await usedAt()).toBe(now + 1)
  await findApiKey(db, key, now + 60_001)
  expect(await usedAt()).toBe(now + 60_001)
})
