import type { ScimUserRow } from '../database/scim-tables.ts'
import type { Database } from '../database/tables.ts'
import type { ScimConnection } from './provisioning-domain.ts'

/** What the clinic's system says of a person. */
export type SourceUser = Pick<
  ScimUserRow,
  'userId' | 'userName' | 'primaryEmail' | 'displayName' | 'serializedAttributes'
>

/** A person as the clinic's system has them, by the id of their account here. */
export const readScimUser = (
  db: Database,
  connection: ScimConnection,
  userId: string,
): Promise<SourceUser | undefined> =>
  db
    .selectFrom('scimUser')
    .select(['userId', 'userName', 'primaryEmail', 'displayName', 'serializedAttributes'])
    .where('userId', '=', userId)
    .where('connectionId', '=', connection.id)
    .executeTakeFirst()

/** The language that the clinic's system says somebody prefers, as it writes it. */
export function preferredLanguageOf({
  serializedAttributes,
}: Pick<ScimUserRow, 'serializedAttributes'>): string | undefined {
  const attributes: unknown = JSON.parse(serializedAttributes ?? '{}')
  const named = typeof attributes === 'object' && attributes !== null && 'preferredLanguage' in attributes
  return named && typeof attributes.preferredLanguage === 'string' ? attributes.preferredLanguage : undefined
}

/** A person as the clinic's system and as we have them. */
export interface KnownUser {
  readonly userId: string
  readonly userName: string
  readonly primaryEmail: string
  readonly displayName: string
  readonly preferredLanguage: string | undefined
  /** What they are called here: they may have changed it. */
  readonly name: string
}

/**
 * @param scimId the id that the clinic's system uses.
 * @returns undefined also for the id of somebody who is another connection's: nothing may be done, not even looked
 * at, that takes another time than for an id that nobody has.
 */
export async function findKnownUser(
  db: Database,
  connection: ScimConnection,
  scimId: string,
): Promise<KnownUser | undefined> {
  const row = await db
    .selectFrom('scimUser')
    .innerJoin('user', 'user.id', 'scimUser.userId')
    .select(['scimUser.userId', 'scimUser.userName', 'scimUser.displayName', 'scimUser.serializedAttributes'])
    .select(['scimUser.primaryEmail', 'user.name'])
    .where('scimUser.id', '=', scimId)
    .where('scimUser.connectionId', '=', connection.id)
    .executeTakeFirst()
  if (!row) return undefined
  const { userId, userName, primaryEmail, displayName, name } = row
  return { userId, userName, primaryEmail, displayName, name, preferredLanguage: preferredLanguageOf(row) }
}
