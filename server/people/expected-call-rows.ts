import type { AccountChange } from '../../protocol/people.ts'
import type { ExpectedCallRow } from '../database/expected-call-tables.ts'
import type { Database } from '../database/tables.ts'
import type { ChangeOf } from './account-events.ts'
import { relationOf } from './relation.ts'

/** So many pairs of people are looked at in one query. */
const atOnce = 500

/** Ends calls that are expected. @returns those that were, as they are now. */
export function endExpected(
  trx: Database,
  ids: readonly string[],
  state: Exclude<ExpectedCallRow['state'], 'expected'>,
  now: number,
): Promise<ExpectedCallRow[]> {
  return trx
    .updateTable('expectedCall')
    .set({ state, endedAt: now, atRisk: 0 })
    .where('id', 'in', [...ids])
    .where('endedAt', 'is', null)
    .returningAll()
    .execute()
}

/**
 * What both sides are told of these calls, as they are: whom each is for, and the contact who will call. Whoever has
 * blocked the caller is told to forget one that they never had, so that as much is written as of anybody else.
 */
export async function expectedChanges(trx: Database, rows: readonly ExpectedCallRow[]): Promise<ChangeOf[]> {
  const names = await namesOf(trx, rows)
  return rows.flatMap((row) => [
    { userId: row.userId, change: forCallee(row, names) },
    ...(row.callerId === null ? [] : [{ userId: row.callerId, change: forCaller(row, names) }]),
  ])
}

/** What a device without any is told of calls that are expected of this person, or by them. */
export async function expectedItems(trx: Database, userId: string): Promise<AccountChange[]> {
  const rows = await trx
    .selectFrom('expectedCall')
    .selectAll()
    .where((e) => e.or([e.and([e('userId', '=', userId), e('shown', '=', 1)]), e('callerId', '=', userId)]))
    .where('endedAt', 'is', null)
    .orderBy('at')
    .execute()
  const names = await namesOf(trx, rows)
  return rows.map((row) => (row.userId === userId ? forCallee(row, names) : forCaller(row, names)))
}

const forCallee = (row: ExpectedCallRow, names: ReadonlyMap<string, string>): AccountChange => ({
  kind: 'expected',
  expected: {
    id: row.id,
    at: row.at,
    by: row.from ?? names.get(row.callerId ?? '') ?? '',
    contact: row.callerId,
    gone: row.endedAt !== null || row.shown === 0,
  },
})

const forCaller = (row: ExpectedCallRow, names: ReadonlyMap<string, string>): AccountChange => ({
  kind: 'expected',
  expected: {
    id: row.id,
    at: row.at,
    by: names.get(row.userId) ?? '',
    contact: row.userId,
    mine: true,
    gone: row.endedAt !== null,
  },
})

async function namesOf(
  trx: Database,
  rows: readonly ExpectedCallRow[],
): Promise<ReadonlyMap<string, string>> {
  const contacts = rows.flatMap(({ userId, callerId }) => (callerId === null ? [] : [userId, callerId]))
  if (contacts.length === 0) return new Map()
  const users = await trx
    .selectFrom('user')
    .select(['id', 'name'])
    .where('id', 'in', [...new Set(contacts)])
    .execute()
  return new Map(users.map(({ id, name }) => [id, name]))
}

/**
 * What calls that are expected between people come to whose relation has changed: who are no contacts any more, or of
 * whom the caller has blocked the other, expect none. Who was blocked goes on to announce theirs, and hears nothing of it.
 *
 * @param related pairs of people. @returns what their devices are to hear, for `appendEvents`.
 */
export async function partExpected(
  trx: Database,
  related: readonly (readonly [string, string])[],
  now: number,
): Promise<ChangeOf[]> {
  const changes: ChangeOf[] = []
  for (let first = 0; first < related.length; first += atOnce)
    for (const row of await expectedBetween(trx, related.slice(first, first + atOnce)))
      changes.push(...(await partOne(trx, row, now)))
  return changes
}

const pairOf = (one: string, other: string) => (one < other ? `${one} ${other}` : `${other} ${one}`)

type ExpectedOfContact = ExpectedCallRow & { readonly callerId: string }

async function expectedBetween(
  trx: Database,
  related: readonly (readonly [string, string])[],
): Promise<ExpectedOfContact[]> {
  const pairs = new Set(related.map(([one, other]) => pairOf(one, other)))
  const people = [...new Set(related.flat())]
  const rows = await trx
    .selectFrom('expectedCall')
    .selectAll()
    .where('userId', 'in', people)
    .where('callerId', 'in', people)
    .where('endedAt', 'is', null)
    .execute()
  return rows.flatMap((row) => {
    const { callerId, userId } = row
    return callerId !== null && pairs.has(pairOf(callerId, userId)) ? [{ ...row, callerId }] : []
  })
}

async function partOne(trx: Database, row: ExpectedOfContact, now: number): Promise<ChangeOf[]> {
  const { kind } = await relationOf(trx, row.callerId, row.userId)
  switch (kind) {
    case 'contact':
      return []
    case 'blocks-me':
      return row.shown === 1 ? [await hideFromCallee(trx, row)] : []
    default:
      return expectedChanges(trx, await endExpected(trx, [row.id], 'cancelled', now))
  }
}

/** Its person is told of a call no more; nobody else learns that. */
export async function hideFromCallee(trx: Database, row: ExpectedCallRow): Promise<ChangeOf> {
  await trx.updateTable('expectedCall').set({ shown: 0 }).where('id', '=', row.id).execute()
  return { userId: row.userId, change: forCallee({ ...row, shown: 0 }, new Map()) }
}
