import { createHmac } from 'node:crypto'
import type { LinkRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import { linkLifetime } from './link-lifetime.ts'
import { hashOf, newSecret } from './secret-token.ts'

export interface NewLink {
  readonly kind: LinkRow['kind']
  readonly userId?: string
  readonly email: string
  readonly name?: string | null
  readonly language?: string | null
}

/**
 * Makes a link to be mailed; older ones of the same kind to the same mailbox are over. Its token is not
 * known to anybody yet: see `openLink`. @returns its id.
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

/**
 * Lets a link work, as its mail leaves. The token is made of the link's id and the server's secret, so a
 * mail sent again carries the same one, and no database ever holds it: only its hash is kept.
 */
export async function openLink(db: Database, secret: string, id: string): Promise<string> {
  const token = createHmac('sha256', secret).update(`link ${id}`).digest('base64url')
  await db
    .updateTable('link')
    .set({ hash: hashOf(token) })
    .where('id', '=', id)
    .execute()
  return token
}

export const readLink = (db: Database, id: string): Promise<LinkRow | undefined> =>
  db.selectFrom('link').selectAll().where('id', '=', id).executeTakeFirst()

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
