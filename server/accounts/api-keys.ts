import { randomUUID } from 'node:crypto'
import type { Database } from '../database/tables.ts'
import { type KeyScope, parseScopes, scopesText } from '../key-scopes.ts'
import { hashOf, newSecret } from './secrets.ts'

/** A program, and what it may do. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly scopes: readonly KeyScope[]
  /** The provisioning domain whose people it may see, reach and change, and no others; undefined for one that has none. */
  readonly provisioningDomain?: string | undefined
  /** The domains at which those people have their addresses. */
  readonly emailDomains?: readonly string[] | undefined
  /** How many of those people there may be. */
  readonly mostPeople?: number | undefined
}

/** What a key is limited to. */
export type KeyLimits = Pick<ApiKey, 'provisioningDomain' | 'emailDomains' | 'mostPeople'>

/** So many people the provisioning domain of a key may have, where nothing else is said. */
export const defaultMostPeople = 10_000

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
  scopes: KeyScope | readonly KeyScope[] = 'calls',
  { provisioningDomain, emailDomains, mostPeople }: KeyLimits = {},
): Promise<string | undefined> {
  const key = `reachable_${newSecret()}`
  const result = await db
    .insertInto('apiKey')
    .values({
      id: randomUUID(),
      name,
      hash: hashOf(key),
      scope: scopesText([scopes].flat()),
      provisioningDomain: provisioningDomain ?? null,
      emailDomains: emailDomains?.join(' ') ?? null,
      mostPeople: mostPeople ?? null,
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
    .select(['id', 'name', 'scope', 'provisioningDomain', 'emailDomains', 'mostPeople', 'usedAt'])
    .where('hash', '=', hashOf(key))
    .executeTakeFirst()
  if (!row) return undefined
  if (row.usedAt === null || now - row.usedAt >= useRecordedEvery)
    await db
      .updateTable('apiKey')
      .set({ usedAt: now })
      .where('id', '=', row.id)
      // Of all who use it at this moment one writes; the others find it written, and are not in one another's way.
      .where(({ eb, or }) => or([eb('usedAt', 'is', null), eb('usedAt', '<=', now - useRecordedEvery)]))
      .execute()
      .catch(() => {})
  return {
    id: row.id,
    name: row.name,
    scopes: parseScopes(row.scope),
    provisioningDomain: row.provisioningDomain ?? undefined,
    emailDomains: row.emailDomains?.split(' '),
    mostPeople: row.mostPeople ?? undefined,
  }
}

/** @returns whether there was one of that name. */
export async function revokeApiKey(db: Database, name: string): Promise<boolean> {
  const result = await db.deleteFrom('apiKey').where('name', '=', name).executeTakeFirst()
  return Number(result.numDeletedRows) === 1
}

export interface ListedApiKey {
  readonly name: string
  /** With spaces between. */
  readonly scope: string
  /** Null for one that is not limited to its own people. */
  readonly provisioningDomain: string | null
  /** With spaces between. */
  readonly emailDomains: string | null
  /** Wall-clock ms. */
  readonly createdAt: number
  readonly usedAt: number | null
}

export const listApiKeys = (db: Database): Promise<ListedApiKey[]> =>
  db
    .selectFrom('apiKey')
    .select(['name', 'scope', 'provisioningDomain', 'emailDomains', 'createdAt', 'usedAt'])
    .orderBy('createdAt')
    .execute()
