import { randomUUID } from 'node:crypto'
import type { Database } from '../database/tables.ts'
import { hashOf, newSecret } from './secrets.ts'

/** What a key is good for: placing calls, or provisioning accounts. */
export type KeyScope = 'calls' | 'scim' | 'metrics'

/** A program that may do one of these. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly scope: KeyScope
}

/** A use is written down this often at most, in ms. */
const useRecordedEvery = 60_000

/** @returns the key, which can never be shown again; undefined when the name is taken. */
export async function createApiKey(
  db: Database,
  name: string,
  now: number,
  scope: KeyScope = 'calls',
): Promise<string | undefined> {
  const key = `reachable_${newSecret()}`
  const result = await db
    .insertInto('apiKey')
    .values({ id: randomUUID(), name, hash: hashOf(key), scope, createdAt: now, usedAt: null })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows) === 1 ? key : undefined
}

export async function findApiKey(db: Database, key: string, now: number): Promise<ApiKey | undefined> {
  const row = await db
    .selectFrom('apiKey')
    .select(['id', 'name', 'scope', 'usedAt'])
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
  return { id: row.id, name: row.name, scope: row.scope }
}

/** @returns whether there was one of that name. */
export async function revokeApiKey(db: Database, name: string): Promise<boolean> {
  const result = await db.deleteFrom('apiKey').where('name', '=', name).executeTakeFirst()
  return Number(result.numDeletedRows) === 1
}

export interface ListedApiKey {
  readonly name: string
  readonly scope: KeyScope
  /** Wall-clock ms. */
  readonly createdAt: number
  readonly usedAt: number | null
}

export const listApiKeys = (db: Database): Promise<ListedApiKey[]> =>
  db.selectFrom('apiKey').select(['name', 'scope', 'createdAt', 'usedAt']).orderBy('createdAt').execute()
