import { CompiledQuery, type RootOperationNode } from 'kysely'
import { expect, test } from 'vitest'
import { activeOwners, allActive } from '../../server/calls/call-rows.ts'
import { isPostgres } from '../../server/database/dialect.ts'
import type { ExpectedCallRow } from '../../server/database/expected-call-tables.ts'
import type { Database } from '../../server/database/tables.ts'
import { findCame } from '../../server/expected-calls/expected-call-watch.ts'
import { enqueueUnreadMails } from '../../server/messages/unread-mails.ts'
import { expireRequests } from '../../server/people/contacts.ts'

/** How a database finds what each statement of some work reads: a line for each step of its plan. */
async function plansOf(db: Database, work: (db: Database) => Promise<unknown>): Promise<readonly string[]> {
  const asked: CompiledQuery[] = []
  const note = (node: RootOperationNode, queryId: CompiledQuery['queryId']) => {
    asked.push(db.getExecutor().compileQuery(node, queryId))
    return node
  }
  await work(
    db.withPlugin({
      transformQuery: ({ node, queryId }) => note(node, queryId),
      transformResult: async ({ result }) => result,
    }),
  )
  expect(asked).not.toEqual([])
  return db.transaction().execute(async (trx) => {
    // Of so few rows PostgreSQL would read all.
    if (isPostgres(db)) await trx.executeQuery(CompiledQuery.raw('set local enable_seqscan = off'))
    const plans = []
    for (const { sql, parameters } of asked) {
      const how = isPostgres(db) ? 'explain' : 'explain query plan'
      const { rows } = await trx.executeQuery<Record<string, unknown>>(
        CompiledQuery.raw(`${how} ${sql}`, [...parameters]),
      )
      plans.push(rows.map((row) => String(row['QUERY PLAN'] ?? row.detail)).join('\n'))
    }
    return plans
  })
}

const expected: ExpectedCallRow = {
  ...{ id: 'e', userId: 'ann', callerId: 'ben', apiKeyId: 'k', idempotencyKey: null, to: null, from: null },
  ...{ at: 1_000, state: 'expected', shown: 1, atRisk: 0, madeAt: 1, endedAt: null, mailedAt: null },
}
const changes = { touched: () => {}, related: () => {} }

/** What looks, and by which index it is to find each thing that it reads. */
const looks: Record<string, readonly [(db: Database) => Promise<unknown>, ...RegExp[]]> = {
  activeOwners: [activeOwners, /call_active/],
  allActive: [allActive, /call_active/],
  findCame: [(db) => findCame(db, [expected], 1_000), /call_received/, /apiKey/],
  expireRequests: [(db) => expireRequests(db, changes, 1_000, 50), /contact_transient/],
  enqueueUnreadMails: [(db) => enqueueUnreadMails(db, 1_000, 10), /messageRead_unmailed/],
}

/** @param open an empty database, with all tables. */
export function planContract(open: () => Promise<Database>) {
  test('D5.10 what servers look for again and again they find by an index that holds little else', async () => {
    const db = await open()
    for (const [name, [look, ...indexes]] of Object.entries(looks)) {
      const plans = await plansOf(db, look)
      expect(plans, name).toEqual(indexes.map((index) => expect.stringMatching(index)))
    }
  })
}
