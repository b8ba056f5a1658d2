import { arePairAmong, isAmong } from '../database/is-among.ts'
import type { Database } from '../database/tables.ts'

/**
 * How one person stands to another. `blocks-me` looks to me as `contact` does, of somebody who is offline; nobody but
 * a contact may be seen, rung or written to. `gone` is a contact whose account is disabled or deleted.
 */
export type RelationKind = 'contact' | 'blocks-me' | 'blocked-by-me' | 'gone' | 'none'

export interface Relation {
  readonly kind: RelationKind
  readonly other: string
  /** As I see it. */
  readonly name: string
  readonly username: string | null
  /** Whether my calls ring them while they are busy. */
  readonly ringsThrough: boolean
}

/** How this person stands to the other, at this moment. In a transaction it stays so until that ends. */
export async function relationOf(db: Database, userId: string, otherId: string): Promise<Relation> {
  const [relation] = await readRelations(db, userId, [otherId])
  return relation ?? { kind: 'none', other: otherId, name: '', username: null, ringsThrough: false }
}

/**
 * How this person stands to everybody whom they have as a contact, or have blocked.
 *
 * @param among whom to look at; all by default.
 */
export async function readRelations(
  db: Database,
  userId: string,
  among?: readonly string[],
): Promise<readonly Relation[]> {
  const rows = await relationRows(db)
    .where('mine.userId', '=', userId)
    .$if(among !== undefined, (query) => query.where('mine.otherId', 'in', [...(among ?? [])]))
    .execute()
  return rows.flatMap((row) => relationIn(row) ?? [])
}

/** By person: how each of these stands to the other, in one question. Who is not in it is nothing to them. */
export async function readRelationsTo(
  db: Database,
  otherId: string,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, Relation>> {
  const rows = await relationRows(db)
    .where('mine.otherId', '=', otherId)
    .where(isAmong(db, 'mine.userId', userIds))
    .execute()
  return new Map(
    rows.flatMap((row) => {
      const relation = relationIn(row)
      return relation ? [[row.userId, relation] as const] : []
    }),
  )
}

/** By pair, `one other` with a space between: how the one stands to the other, in one question. */
export async function readRelationsOfPairs(
  db: Database,
  pairs: readonly (readonly [one: string, other: string])[],
): Promise<ReadonlyMap<string, Relation>> {
  if (pairs.length === 0) return new Map()
  const rows = await relationRows(db)
    .where(arePairAmong(db, ['mine.userId', 'mine.otherId'], pairs))
    .execute()
  return new Map(
    rows.flatMap((row) => {
      const relation = relationIn(row)
      return relation ? [[`${row.userId} ${relation.other}`, relation] as const] : []
    }),
  )
}

const relationRows = (db: Database) =>
  db
    .selectFrom('contact as mine')
    .innerJoin('user', 'user.id', 'mine.otherId')
    .leftJoin('contact as theirs', (on) =>
      on.onRef('theirs.userId', '=', 'mine.otherId').onRef('theirs.id', '=', 'mine.userId'),
    )
    .select([
      'mine.userId',
      'mine.otherId',
      'mine.relation',
      'theirs.relation as others',
      'theirs.ringsThrough',
    ])
    .select(['user.name', 'user.username', 'user.displayUsername', 'user.disabledAt', 'user.deletedAt'])
    .where('mine.relation', 'in', ['contact', 'blocked'])

type RelationRow = Awaited<ReturnType<ReturnType<typeof relationRows>['execute']>>[number]

function relationIn({ otherId, others, ringsThrough, name, username, displayUsername, ...row }: RelationRow) {
  if (otherId === null) return undefined
  const relation: Relation = {
    kind: kindOf(row, others),
    other: otherId,
    name,
    username: displayUsername ?? username,
    ringsThrough: ringsThrough === 1,
  }
  return relation
}

function kindOf(
  mine: { relation: string; disabledAt: number | null; deletedAt: number | null },
  theirs: string | null,
): RelationKind {
  if (mine.disabledAt !== null || mine.deletedAt !== null) return 'gone'
  if (mine.relation === 'blocked') return 'blocked-by-me'
  if (theirs === 'blocked') return 'blocks-me'
  return theirs === 'contact' ? 'contact' : 'none'
}
