import type { Clock } from '../../clock.ts'
import type { Database } from '../../database/tables.ts'
import { gathered } from '../../gathered.ts'
import { type Relation, readRelations, readRelationsTo } from '../relation.ts'
import { readStatuses } from '../status-rows.ts'
import type { ContactToWatch, ReadContacts } from './watcher.ts'

/**
 * Reads from the database whom somebody may see, and as what. Of one person whom many watch it is read for all of these
 * together: somebody who changes their status again and again costs a few questions, however many watch.
 */
export function readContactsToWatch(db: Database, clock: Pick<Clock, 'wall'>): ReadContacts {
  const statusOf = gathered((userIds) => readStatuses(db, userIds, clock.wall()))
  const relationOf = gathered(async (pairs) => {
    const asked = pairs.map((pair) => JSON.parse(pair) as readonly [other: string, userId: string])
    const found = new Map<string, Relation>()
    for (const [other, those] of Map.groupBy(asked, ([one]) => one)) {
      const userIds = those.map(([, userId]) => userId)
      for (const [userId, relation] of await readRelationsTo(db, other, userIds))
        found.set(pairOf(other, userId), relation)
    }
    return found
  })

  const readOne = async (userId: string, other: string): Promise<ContactToWatch[]> => {
    const relation = await relationOf(pairOf(other, userId))
    if (!relation || !isSeen(relation)) return []
    // Asked once it is known that they may see it: what is read after that is theirs.
    const status = await statusOf(other)
    return status ? [{ userId: other, status, isHidden: relation.kind === 'blocks-me' }] : []
  }

  return async (userId, whom, among) => {
    const those = whom === 'all' ? among : intersection(whom, among)
    if (those?.size === 0) return []
    const [one] = those ?? []
    if (those?.size === 1 && one !== undefined && one !== userId) return readOne(userId, one)
    const relations = await readRelations(db, userId, those && [...those])
    const isHidden = new Map(
      relations.filter(isSeen).map(({ other, kind }) => [other, kind === 'blocks-me'] as const),
    )
    if (whom === 'all' && (!among || among.has(userId))) isHidden.set(userId, false)
    if (isHidden.size === 0) return []
    const statuses = await readStatuses(db, [...isHidden.keys()], clock.wall())
    return [...isHidden].flatMap(([contact, hidden]): ContactToWatch[] => {
      const status = statuses.get(contact)
      return status ? [{ userId: contact, status, isHidden: hidden }] : []
    })
  }
}

const pairOf = (other: string, userId: string): string => JSON.stringify([other, userId])

const isSeen = ({ kind }: Pick<Relation, 'kind'>): boolean => kind === 'contact' || kind === 'blocks-me'

const intersection = (
  whom: readonly string[],
  among: ReadonlySet<string> | undefined,
): ReadonlySet<string> => (among ? new Set(whom).intersection(among) : new Set(whom))
