import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import type { PlaceRow } from '../database/place-tables.ts'
import type { Database } from '../database/tables.ts'

/** A member of a place who can be called: no account that is disabled or deleted is one. */
export interface PlaceMember {
  readonly id: string
  readonly name: string
  readonly language: string | null
  readonly agreedAt: number | null
}

const originList = v.array(v.string())

/** The sites that may show a place in a frame. */
export const originsOf = ({ origins }: Pick<PlaceRow, 'origins'>): readonly string[] =>
  v.parse(originList, JSON.parse(origins))

export const findPlace = (db: Database, slug: string): Promise<PlaceRow | undefined> =>
  db.selectFrom('place').selectAll().where('slug', '=', slug).executeTakeFirst()

export const readPlace = (db: Database, id: string): Promise<PlaceRow | undefined> =>
  db.selectFrom('place').selectAll().where('id', '=', id).executeTakeFirst()

export const listPlaces = (db: Database): Promise<PlaceRow[]> =>
  db.selectFrom('place').selectAll().orderBy('slug').execute()

export const readMembers = (db: Database, placeId: string): Promise<PlaceMember[]> =>
  db
    .selectFrom('placeMember')
    .innerJoin('user', 'user.id', 'placeMember.userId')
    .select(['user.id', 'user.name', 'user.language', 'placeMember.agreedAt'])
    .where('placeMember.placeId', '=', placeId)
    .where('user.disabledAt', 'is', null)
    .where('user.deletedAt', 'is', null)
    .orderBy('user.name')
    .orderBy('user.id')
    .execute()

/**
 * Whether a place says and takes nothing: the operator shut it, nobody is in it, or one person alone, who has not agreed
 * that it tells of them.
 */
export const isShut = ({ shutAt }: Pick<PlaceRow, 'shutAt'>, members: readonly PlaceMember[]): boolean => {
  const [only] = members
  return shutAt !== null || only === undefined || (members.length === 1 && only.agreedAt === null)
}

export interface NewPlace {
  readonly slug: string
  readonly name: string
  readonly timeZone: string
  readonly members: readonly string[]
}

/** Call it in a transaction. @param now wall-clock ms. @returns undefined where the slug is taken. */
export async function insertPlace(
  trx: Database,
  { slug, name, timeZone, members }: NewPlace,
  now: number,
): Promise<PlaceRow | undefined> {
  const place: PlaceRow = {
    ...{ id: randomUUID(), slug, name, timeZone, createdAt: now },
    ...{ hours: null, origins: '[]', shutAt: null },
  }
  const inserted = await trx
    .insertInto('place')
    .values(place)
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!inserted) return undefined
  for (const userId of members) await addMember(trx, place.id, userId)
  return place
}

/** @returns whether they were none before. */
export async function addMember(db: Database, placeId: string, userId: string): Promise<boolean> {
  const added = await db
    .insertInto('placeMember')
    .values({ placeId, userId, agreedAt: null })
    .onConflict((conflict) => conflict.columns(['placeId', 'userId']).doNothing())
    .returning('userId')
    .executeTakeFirst()
  return added !== undefined
}

/** @returns whether they were one. */
export async function removeMember(db: Database, placeId: string, userId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('placeMember')
    .where('placeId', '=', placeId)
    .where('userId', '=', userId)
    .executeTakeFirst()
  return Number(numDeletedRows) > 0
}

export const changePlace = (
  db: Database,
  id: string,
  change: Partial<Pick<PlaceRow, 'name' | 'hours' | 'timeZone' | 'origins' | 'shutAt'>>,
): Promise<unknown> => db.updateTable('place').set(change).where('id', '=', id).execute()

/** Everything of it goes: who visited it, and who was blocked. Calls that ring for it end within two seconds. */
export const deletePlace = (db: Database, id: string): Promise<unknown> =>
  db.deleteFrom('place').where('id', '=', id).execute()

export const isBlocked = async (db: Database, placeId: string, address: string): Promise<boolean> =>
  (await db
    .selectFrom('placeBlock')
    .select('at')
    .where('placeId', '=', placeId)
    .where('address', '=', address)
    .executeTakeFirst()) !== undefined
