import type { Contact } from '../../protocol/people.ts'
import type { ContactRow } from '../database/people-tables.ts'
import type { Database } from '../database/tables.ts'
import { heldBy } from './held-by.ts'

/** A row with what its other person is called. */
export interface NamedContact extends ContactRow {
  readonly name: string | null
  readonly username: string | null
}

/** Of these a device is told; the others are between the two sides. */
const told = ['contact', 'asked', 'asks', 'blocked', 'removed'] as const
export type ToldRelation = (typeof told)[number]

const isTold = (relation: ContactRow['relation']): relation is ToldRelation =>
  told.some((one) => one === relation)

/** As a device is told of it; undefined of what no device is told of. */
export function contactOf(row: NamedContact): Contact | undefined {
  const { id, relation, team, since } = row
  if (!isTold(relation)) return undefined
  const shared = { id, relation, since, favourite: row.favourite === 1, ringsThrough: row.ringsThrough === 1 }
  // Of whom somebody asked nothing is known but what they typed.
  if (relation === 'asked') return { ...shared, name: row.typed ?? '', username: null, team: null }
  return { ...shared, name: row.name ?? '', username: row.username, team }
}

/** All whom a person has, or those with these ids. People whose accounts are disabled or deleted are not among them. */
export async function readContacts(
  db: Database,
  userId: string,
  ids?: readonly string[],
): Promise<readonly Contact[]> {
  const rows = await db
    .selectFrom('contact')
    .leftJoin('user', (on) =>
      on.onRef('user.id', '=', 'contact.otherId').on('contact.relation', '<>', 'asked'),
    )
    .selectAll('contact')
    .select((e) => ['user.name', e.fn.coalesce('user.displayUsername', 'user.username').as('username')])
    .where('contact.userId', '=', userId)
    .where('relation', 'in', [...told])
    .where((e) =>
      e.or([
        e('relation', '=', 'asked'),
        e.and([e('user.disabledAt', 'is', null), e('user.id', 'is not', null)]),
      ]),
    )
    .$if(ids !== undefined, (query) => query.where('contact.id', 'in', [...(ids ?? [])]))
    .execute()
  // What two people have by their own will is held by a team besides, for as long as they are in one.
  const own = rows.flatMap(({ id, relation, team }) => (relation === 'contact' && team === null ? [id] : []))
  const held = own.length > 0 ? await heldBy(db, userId, own) : undefined
  return rows.flatMap((row) => contactOf({ ...row, team: row.team ?? held?.get(row.id)?.[0] ?? null }) ?? [])
}

/**
 * Whose turns (`inAccountTurns`) there are to take for what this person asks about another. Anybody can name anybody: in the
 * line of whom they do not have, whoever waits would learn what is written there, and keep others from it.
 */
export async function turnsWith(db: Database, userId: string, id: string): Promise<readonly string[]> {
  const mine = await findContact(db, userId, id)
  const has = mine?.relation === 'contact' || mine?.relation === 'asks' || mine?.relation === 'blocked'
  return has ? [userId, id] : [userId]
}

/** The row by which one person has another, by its id; undefined where they have none. */
export const findContact = (db: Database, userId: string, id: string): Promise<ContactRow | undefined> =>
  db.selectFrom('contact').selectAll().where('userId', '=', userId).where('id', '=', id).executeTakeFirst()
