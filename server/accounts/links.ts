import type { LinkRow } from '../database/account-tables.ts'
import { deleteBatch } from '../database/delete-batch.ts'
import type { Database } from '../database/tables.ts'
import { hashOf, keyedHash, newSecret } from './secrets.ts'

const day = 86_400_000

/** How long each kind of link lives, ms. */
export const linkLifetime: Record<LinkRow['kind'], number> = {
  reset: day,
  'sign-up': day,
  invitation: 7 * day,
}

/** What a link is at a moment: good for one use, or why not. */
type LinkState = 'good' | 'expired' | NonNullable<LinkRow['endedBy']>

export const linkState = (link: Pick<LinkRow, 'endedBy' | 'diesAt'>, now: number): LinkState =>
  link.endedBy ?? (now >= link.diesAt ? 'expired' : 'good')

/** Why a link does nothing. */
export type DeadLink = Exclude<LinkState, 'good'> | 'unknown'

export interface NewLink {
  readonly kind: LinkRow['kind']
  readonly userId?: string
  readonly email: string
  readonly name?: string | null
  readonly language?: string | null
}

/**
 * Makes a link to be mailed; older ones of the same kind to the same mailbox are over. Its token is not
 * known to anybody yet: see `activateLink`. @returns its id.
 */
export async function makeLink(db: Database, link: NewLink, now: number): Promise<string> {
  await db
    .updateTable('link')
    .set({ endedAt: now, endedBy: 'newer' })
    .where('kind', '=', link.kind)
    .where((e) => (link.userId === undefined ? e('email', '=', link.email) : e('userId', '=', link.userId)))
    .where('endedBy', 'is', null)
    .execute()
  const id = newSecret()
  await db
    .insertInto('link')
    .values({
      id,
      kind: link.kind,
      hash: null,
      userId: link.userId ?? null,
      email: link.email,
      name: link.name ?? null,
      language: link.language ?? null,
      madeAt: now,
      diesAt: now + linkLifetime[link.kind],
      endedAt: null,
      endedBy: null,
    })
    .execute()
  return id
}

/** A link as its mail carries it. */
export interface ActiveLink {
  readonly token: string
  /** The name to suggest to who is invited. */
  readonly name: string | null
}

/**
 * Lets a link work, as its mail leaves. The token is made of the link's id and the server's secret, so a
 * mail sent again carries the same one, and no database ever holds it: only its hash is kept.
 *
 * @returns undefined when the link is over: there is no point in the mail any more.
 */
export async function activateLink(
  db: Database,
  secret: string,
  id: string,
  now: number,
): Promise<ActiveLink | undefined> {
  const link = await db.selectFrom('link').selectAll().where('id', '=', id).executeTakeFirst()
  if (!link || linkState(link, now) !== 'good') return undefined
  const token = keyedHash(secret, 'link', id)
  await db
    .updateTable('link')
    .set({ hash: hashOf(token) })
    .where('id', '=', id)
    .execute()
  return { token, name: link.name }
}

export const findLink = (db: Database, kind: LinkRow['kind'], token: string): Promise<LinkRow | undefined> =>
  db
    .selectFrom('link')
    .selectAll()
    .where('hash', '=', hashOf(token))
    .where('kind', '=', kind)
    .executeTakeFirst()

/** Uses a link up. Of two at once one wins. @returns whether it was this one. */
export async function useLink(db: Database, id: string, now: number): Promise<boolean> {
  const result = await db
    .updateTable('link')
    .set({ endedAt: now, endedBy: 'used' })
    .where('id', '=', id)
    .where('endedBy', 'is', null)
    .where('diesAt', '>', now)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

/** Ends every link of a person that still works. */
export async function endLinksOf(
  db: Database,
  userId: string,
  by: 'password-changed' | 'address-changed' | 'withdrawn',
  now: number,
): Promise<void> {
  await db
    .updateTable('link')
    .set({ endedAt: now, endedBy: by })
    .where('userId', '=', userId)
    .where('endedBy', 'is', null)
    .execute()
}

/** Drops links that were dead for a month: until then whoever opens one is told why it is. */
export const deleteExpiredLinks = (db: Database, now: number): Promise<boolean> =>
  deleteBatch(db, 'link', 'diesAt', now - 30 * day)
