import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { KyselyPlugin } from 'kysely'
import { describe, expect, onTestFinished, test } from 'vitest'
import { defaultLifetimes, lengthenedEvery } from '../../../server/accounts/session-lifetimes.ts'
import { insertSession, lengthenSessions } from '../../../server/accounts/session-rows.ts'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import { openDatabase } from '../../../server/database/open-database.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { migratedPostgres } from '../../support/nodes/postgres.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const hour = 3_600_000

describe.each([
  ['SQLite', () => openDatabase(join(temporaryFolder(), 'reachable.db'))],
  ['PostgreSQL', async () => openPostgres(await migratedPostgres())],
] as const)('%s', (_, open) => {
  test('A2.2 many sessions that are used are lengthened at once, each to its own time, and no other', async () => {
    const db = await open()
    onTestFinished(() => db.destroy())
    const now = Date.now()
    await db.transaction().execute(async (transaction) => {
      for (let n = 0; n < 300; n += 1) {
        const user = { name: `U ${n}`, email: `u${n}@example.test`, emailVerified: false, username: `u${n}` }
        const userId = await insertUser(transaction, user, now)
        const session = { userId, device: `d${n}`, jkt: `k${n}`, staySignedIn: false, label: '', address: '' }
        await insertSession(transaction, session, defaultLifetimes.transient, now)
        await transaction
          .insertInto('knownDevice')
          .values({ userId, key: `k${n}`, seenAt: now })
          .execute()
      }
    })
    let updates = 0
    const counting: KyselyPlugin = {
      transformQuery({ node }) {
        if (node.kind === 'UpdateQueryNode' || node.kind === 'RawNode') updates += 1
        return node
      },
      transformResult: async ({ result }) => result,
    }
    const sessions = await db.selectFrom('session').select(['id', 'expiresAt']).execute()
    const [left, ...used] = sessions
    const until = new Map(used.map(({ id }, n) => [id, now + 20 * hour + n]))
    await lengthenSessions(
      db.withPlugin(counting),
      [...until].map(([sessionId, at]) => ({ sessionId, until: at })),
      now + hour,
    )
    expect(updates).toBe(3)
    const rows = await db
      .selectFrom('session')
      .innerJoin('device', 'device.sessionId', 'session.id')
      .innerJoin('knownDevice', 'knownDevice.key', 'device.key')
      .select(['session.id', 'session.expiresAt', 'device.seenAt', 'knownDevice.seenAt as knownAt'])
      .execute()
    expect(rows).toHaveLength(300)
    for (const { id, expiresAt, seenAt, knownAt } of rows) {
      const longer = until.get(id)
      expect([expiresAt, seenAt, knownAt]).toEqual(
        longer === undefined
          ? [left?.expiresAt, now, now]
          : [new Date(longer).toISOString(), now + hour, now + hour],
      )
    }
  }, 60_000)
})

test('A2.2 sessions that began at once are not lengthened at once: each in its part of an hour', () => {
  const all = Array.from({ length: 6_000 }, () => lengthenedEvery(defaultLifetimes.persistent, randomUUID()))
  expect(Math.min(...all)).toBeGreaterThanOrEqual(hour / 2)
  expect(Math.max(...all)).toBeLessThanOrEqual(hour)
  // In 30 minutes as many each minute, give or take.
  const minutes = new Map<number, number>()
  for (const every of all) {
    const minute = Math.floor(every / 60_000)
    minutes.set(minute, (minutes.get(minute) ?? 0) + 1)
  }
  expect(Math.max(...minutes.values())).toBeLessThan(300)
  expect(lengthenedEvery(defaultLifetimes.persistent, 'one')).toBe(
    lengthenedEvery(defaultLifetimes.persistent, 'one'),
  )
})
