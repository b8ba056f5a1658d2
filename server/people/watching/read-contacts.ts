import type { Clock } from '../../clock.ts'
import type { Database } from '../../database/tables.ts'
import { readRelations } from '../relation.ts'
import { readStatuses } from '../status-rows.ts'
import type { ContactToWatch, ReadContacts } from './watcher.ts'

/** Reads from the database whom somebody may see, and as what. */
export const readContactsToWatch =
  (db: Database, clock: Pick<Clock, 'wall'>): ReadContacts =>
  async (userId, whom, among) => {
    const those = whom === 'all' ? among : intersection(whom, among)
    if (those?.size === 0) return []
    const relations = await readRelations(db, userId, those && [...those])
    const seen = relations.filter(({ kind }) => kind === 'contact' || kind === 'blocks-me')
    const isHidden = new Map(seen.map(({ other, kind }) => [other, kind === 'blocks-me']))
    if (whom === 'all' && (!among || among.has(userId))) isHidden.set(userId, false)
    if (isHidden.size === 0) return []
    const statuses = await readStatuses(db, [...isHidden.keys()], clock.wall())
    return [...isHidden].flatMap(([contact, hidden]): ContactToWatch[] => {
      const status = statuses.get(contact)
      return status ? [{ userId: contact, status, isHidden: hidden }] : []
    })
  }

const intersection = (
  whom: readonly string[],
  among: ReadonlySet<string> | undefined,
): ReadonlySet<string> => (among ? new Set(whom).intersection(among) : new Set(whom))
