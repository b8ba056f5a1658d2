import { expect, onTestFinished, test } from 'vitest'
import { recordCounted } from '../../../server/accounts/audit.ts'
import { requestReset } from '../../../server/accounts/link-requests.ts'
import { recordRefusedKey } from '../../../server/accounts/refused-key.ts'
import { recordRefusedProof } from '../../../server/accounts/refused-proof.ts'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import { conflictRetries } from '../../../server/database/retry-conflicts.ts'
import type { Database } from '../../../server/database/tables.ts'
import { migratedPostgres } from '../../support/nodes/postgres.ts'

const secret = 'a secret of 32 characters or more'

test('D5.8 D5.4 strangers that are refused at two nodes at once, from one address and from many, wait for one another, are not undone, and are counted exactly', async () => {
  const url = await migratedPostgres()
  const nodes = await Promise.all([openPostgres(url), openPostgres(url)])
  const [db] = nodes
  onTestFinished(async () => {
    await Promise.all(nodes.map((node) => node.destroy()))
  })
  const now = Date.now()
  const eachOf = <T>(many: number, what: (node: Database, n: number) => Promise<T>) =>
    Promise.all(Array.from({ length: many }, (_, n) => what(nodes[n % 2] ?? db, n)))
  /** One of three comes from an address of its own. */
  const from = (n: number) => ({ address: n % 3 > 0 ? '192.0.2.7' : `198.51.100.${n}`, label: 'x' })
  const before = conflictRetries()
  const [proofs, keys, links] = await Promise.all([
    eachOf(60, (node, n) =>
      recordRefusedProof({ db: node, secret }, { why: 'missing', path: '/api/session', from: from(n) }, now),
    ),
    eachOf(60, (node, n) =>
      recordRefusedKey(
        { db: node, secret },
        { what: 'api-key-refused', why: 'no-key', shown: undefined, path: '/api/calls', from: from(n) },
        now,
      ),
    ),
    eachOf(30, (node, n) =>
      requestReset({ db: node, secret }, `login ${n % 5}`, { address: from(n).address, language: 'en' }, now),
    ),
  ])
  expect(conflictRetries() - before).toBe(0)

  await recordCounted(db, now, 'all')
  const entries = await db.selectFrom('audit').select(['what', 'detail']).execute()
  const recorded = (what: string) =>
    entries.filter((entry) => entry.what === what).length +
    entries
      .filter((entry) => entry.what === 'and-more' && JSON.parse(entry.detail).of === what)
      .reduce((sum, { detail }) => sum + JSON.parse(detail).count, 0)
  const passed = (waits: readonly number[]) => waits.filter((wait) => wait === 0).length
  // All that come alone, and of the one address the 20 that nobody has to wait for.
  for (const [waits, what] of [
    [proofs, 'proof-refused'],
    [keys, 'api-key-refused'],
  ] as const) {
    expect(waits.filter((_, n) => n % 3 === 0)).toEqual(Array(20).fill(0))
    expect([passed(waits), recorded(what)]).toEqual([40, 40])
  }
  // Five an hour for each of five people.
  expect(links.filter(({ kind }) => kind === 'requested')).toHaveLength(25)
  const { count } = await db
    .selectFrom('mail')
    .select((e) => e.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  expect(count).toBe(25)
}, 60_000)
