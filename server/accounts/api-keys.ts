import { randomUUID } from 'node:crypto'
import type { Database } from '../database/tables.ts'
import { hashOf, newSecret } from './secrets.ts'

/** What a key is good for: placing calls, provisioning accounts, or reading how the server fares. */
export type KeyScope = 'calls' | 'scim' | 'metrics'

/** A program that may do one of these. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly scope: KeyScope
  /** The provisioning domain whose people it may see and change, and no others; undefined for one that has none. */
  readonly ownPeople?: string | undefined
  /** The domains at which those people have their addresses; undefined for any. */
  readonly domains?: readonly string[] | undefined
}

/** What a key for provisioning is limited to. */
export type KeyLimits = Pick<ApiKey, 'ownPeople' | 'domains'>

/** A use is written down this often at most, in ms. */
const useRecordedEvery = 60_000

/**
 * @param limits keys of one provisioning domain share its people, so that one can replace another.
 * @returns the key, which can never be shown again; undefined when the name is taken.
 */
export async function createApiKey(
  db: Database,
  name: string,
  now: number,
  scope: KeyScope = 'calls',
  { ownPeople, domains }: KeyLimits = {},
): Promise<string | undefined> {
  const key = `reachable_${newSecret()}`
  const result = await db
    .insertInto('apiKey')
    .values({
      id: randomUUID(),
      name,
      hash: hashOf(key),
      scope,
      ownPeople: ownPeople ?? null,
      domains: domains?.join(' ') ?? null,
      createdAt: now,
      usedAt: null,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows) === 1 ? key : undefined
}

export async function findApiKey(db: Database, key: string, now: number): Promise<ApiKey | undefined> {
  const row = await db
    .selectFrom('apiKey')
    .select(['id', 'name', 'scope', 'ownPeople', 'domains', 'usedAt'])
    .where('hash', '=', hashOf(key))
    .executeTakeFirst()
  if (!row) return undefined
  if (row.usedAt === null || now - row.usedAt >= useRecordedEvery)
    await db
      .updateTable('apiKey')
      .set({ usedAt: now })
      .where('id', '=', row.id)
      .execute()
      .catch(() => {})
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    ownPeople: row.ownPeople ?? undefined,
    domains: row.domains?.split(' '),
  }
}

/** @returns whether there was one of that name. */
export async function revokeApiKey(db: Database, name: string): Promise<boolean> {
  const result = await db.deleteFrom('apiKey').where('name', '=', name).executeTakeFirst()
  return Number(result.numDeletedRows) === 1
}

export interface ListedApiKey {
  readonly name: string
  readonly scope: KeyScope
  /** Null for one that is not limited to its own people. */
  readonly ownPeople: string | null
  /** With spaces between; null for any. */
  readonly domains: string | null
  /** Wall-clock ms. */
  readonly createdAt: number
  readonly usedAt: number | null
}

export const listApiKeys = (db: Database): Promise<ListedApiKey[]> =>
  db
    .selectFrom('apiKey')
    .select(['name', 'scope', 'ownPeople', 'domains', 'createdAt', 'usedAt'])
    .orderBy('createdAt')
    .execute()

/** How many people a provisioning domain has, those who were de-provisioned too. */
export async function countPeopleOf(db: Database, domain: string): Promise<number> {
  const { count } = await db
    .selectFrom('scimOwner')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('domain', '=', domain)
    .executeTakeFirstOrThrow()
  return count
}
