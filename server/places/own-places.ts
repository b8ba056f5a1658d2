import type { VisitState } from '../../protocol/place.ts'
import { isAmong } from '../database/is-among.ts'
import type { Database } from '../database/tables.ts'

/** So many of the last visitors of a place are listed. */
const mostListed = 20

/** A visitor of a place, for its members. */
export interface ListedVisit {
  readonly id: string
  readonly name: string
  readonly at: number
  readonly state: VisitState
  readonly isBlocked: boolean
}

/** A place, as one of its members has it. */
export interface OwnPlace {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly isOnlyMember: boolean
  readonly hasAgreed: boolean
  readonly visits: readonly ListedVisit[]
  /** Who was blocked, by a name for the form alone. */
  readonly blocks: readonly { readonly address: string; readonly name: string; readonly at: number }[]
}

/** The places that a person belongs to. */
export async function listOwnPlaces(db: Database, userId: string): Promise<OwnPlace[]> {
  const places = await db
    .selectFrom('placeMember')
    .innerJoin('place', 'place.id', 'placeMember.placeId')
    .select(['place.id', 'place.slug', 'place.name', 'placeMember.agreedAt'])
    .where('placeMember.userId', '=', userId)
    .orderBy('place.name')
    .execute()
  if (places.length === 0) return []
  const ids = places.map(({ id }) => id)
  const members = await db
    .selectFrom('placeMember')
    .innerJoin('user', 'user.id', 'placeMember.userId')
    .select('placeMember.placeId')
    .where(isAmong(db, 'placeMember.placeId', ids))
    .where('user.disabledAt', 'is', null)
    .where('user.deletedAt', 'is', null)
    .execute()
  return Promise.all(
    places.map(async ({ id, slug, name, agreedAt }) => {
      const blocks = await db
        .selectFrom('placeBlock')
        .select(['address', 'name', 'at'])
        .where('placeId', '=', id)
        .orderBy('at', 'desc')
        .execute()
      const blocked = new Set(blocks.map(({ address }) => address))
      const visits = await db
        .selectFrom('visit')
        .select(['id', 'name', 'at', 'state', 'address'])
        .where('placeId', '=', id)
        .orderBy('at', 'desc')
        .limit(mostListed)
        .execute()
      return {
        ...{ id, slug, name, blocks, hasAgreed: agreedAt !== null },
        isOnlyMember: members.filter(({ placeId }) => placeId === id).length === 1,
        visits: visits.map(({ address, ...visit }) => ({ ...visit, isBlocked: blocked.has(address) })),
      }
    }),
  )
}

const isMember = async (trx: Database, placeId: string, userId: string): Promise<boolean> =>
  (await trx
    .selectFrom('placeMember')
    .select('userId')
    .where('placeId', '=', placeId)
    .where('userId', '=', userId)
    .executeTakeFirst()) !== undefined

/** Whether the place may tell of its only member. @returns whether anything changed. */
export async function agreeToPlace(
  trx: Database,
  userId: string,
  placeId: string,
  agreedAt: number | null,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('placeMember')
    .set({ agreedAt })
    .where('placeId', '=', placeId)
    .where('userId', '=', userId)
    .where('agreedAt', agreedAt === null ? 'is not' : 'is', null)
    .executeTakeFirst()
  return Number(numUpdatedRows) > 0
}

/** What came of blocking a visitor. */
export interface BlockedVisitor {
  readonly placeId: string
  /** Whether they were not blocked before. */
  readonly isNew: boolean
  /** The visits that are declined by that. */
  readonly declined: readonly string[]
}

/**
 * A place takes no visits any more, and no messages, from where this visit came; those that are not over are declined.
 *
 * @param now wall-clock ms. @returns undefined where this member has no such visit.
 */
export async function blockVisitor(
  trx: Database,
  userId: string,
  visitId: string,
  now: number,
): Promise<BlockedVisitor | undefined> {
  const visit = await trx
    .selectFrom('visit')
    .select(['placeId', 'address', 'name'])
    .where('id', '=', visitId)
    .executeTakeFirst()
  if (!visit || !(await isMember(trx, visit.placeId, userId))) return undefined
  const { placeId, address, name } = visit
  const blocked = await trx
    .insertInto('placeBlock')
    .values({ placeId, address, name, by: userId, at: now })
    .onConflict((conflict) => conflict.columns(['placeId', 'address']).doNothing())
    .returning('placeId')
    .executeTakeFirst()
  const declined = await trx
    .updateTable('visit')
    .set({ state: 'declined', endedAt: now })
    .where('placeId', '=', placeId)
    .where('address', '=', address)
    .where('endedAt', 'is', null)
    .returning('id')
    .execute()
  return { placeId, isNew: blocked !== undefined, declined: declined.map(({ id }) => id) }
}

/** @returns whether there was such a block of a place of theirs. */
export async function unblockVisitor(
  trx: Database,
  userId: string,
  placeId: string,
  address: string,
): Promise<boolean> {
  if (!(await isMember(trx, placeId, userId))) return false
  const { numDeletedRows } = await trx
    .deleteFrom('placeBlock')
    .where('placeId', '=', placeId)
    .where('address', '=', address)
    .executeTakeFirst()
  return Number(numDeletedRows) > 0
}
