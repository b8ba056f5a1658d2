import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { insertUser } from '../../server/accounts/user-rows.ts'
import { activeOwners, allActive } from '../../server/calls/call-rows.ts'
import { mayNotGoOn } from '../../server/calls/calls-between-people.ts'
import type { CallRow } from '../../server/database/call-tables.ts'
import { isPostgres } from '../../server/database/dialect.ts'
import type { ExpectedCallRow } from '../../server/database/expected-call-tables.ts'
import type { Database } from '../../server/database/tables.ts'
import { findCame } from '../../server/expected-calls/expected-call-watch.ts'
import { enqueueUnreadMails } from '../../server/messages/unread-mails.ts'
import { expireRequests } from '../../server/people/contacts.ts'
import { readRelationsOfPairs } from '../../server/people/relation.ts'
import {
  blockedVisits,
  keepVisits,
  lapsedVisits,
  shortenLeases,
  strayCalls,
} from '../../server/places/visit-rows.ts'

/** What some work asks of a database. */
async function statementsOf(
  db: Database,
  work: (db: Database) => Promise<unknown>,
): Promise<CompiledQuery[]> {
  const asked: CompiledQuery[] = []
  await work(
    db.withPlugin({
      transformQuery({ node, queryId }) {
        asked.push(db.getExecutor().compileQuery(node, queryId))
        return node
      },
      transformResult: async ({ result }) => result,
    }),
  )
  return asked
}

/** How a database finds what each statement of some work reads: a line for each step of its plan. */
async function plansOf(db: Database, work: (db: Database) => Promise<unknown>): Promise<readonly string[]> {
  const asked = await statementsOf(db, work)
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
  readRelationsOfPairs: [
    (db) => readRelationsOfPairs(db, [['ann', 'ben']]),
    // A look at a contact of each pair, and none at all contacts.
    /mine USING (?:COVERING )?INDEX|"?contact_(?:otherId|primary)"? on contact mine/,
  ],
  enqueueUnreadMails: [(db) => enqueueUnreadMails(db, 1_000, 10), /messageRead_unmailed/],
  blockedVisits: [blockedVisits, /visit_open/],
  lapsedVisits: [(db) => lapsedVisits(db, 1_000), /visit_open/],
  keepVisits: [(db) => keepVisits(db, { now: 1_000, heard: 500, by: 60_000 }), /visit_open/],
  shortenLeases: [(db) => shortenLeases(db, 1_000), /visit_open/],
  strayCalls: [strayCalls, /call_visit_active/],
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
  test('PL3.4 which calls of people may not go on any more is asked in one statement, however many they are', async () => {
    const db = await open()
    const person = (name: string) =>
      insertUser(db, { username: name, name, email: `${name}@clinic.example`, emailVerified: true }, 1)
    const ann = await person('ann')
    const callers: string[] = []
    for (let n = 0; n < 5; n += 1) callers.push(await person(`caller${n}`))
    for (const [n, caller] of callers.entries()) {
      const theirs = n === 0 ? 'removed' : n <= 2 ? 'blocked' : 'contact'
      for (const [userId, id, relation] of [
        [caller, ann, 'contact'],
        [ann, caller, theirs],
      ] as const)
        await db.insertInto('contact').values({ userId, id, otherId: id, relation, since: 1 }).execute()
    }
    const stranger = await person('stranger')
    const calls = [...callers, stranger].map((callerId, n) => {
      // Of who was blocked one waits already, as if nobody were there.
      return { callerId, userId: ann, hidden: n === 2 ? 'blocked' : null }
    })
    let over: readonly { readonly callerId: string }[] = []
    const asked = await statementsOf(db, async (of) => {
      over = await mayNotGoOn(of, calls as CallRow[])
    })
    expect(over.map(({ callerId }) => callerId)).toEqual([callers[0], callers[1], stranger])
    expect(asked).toHaveLength(1)
  })
}
