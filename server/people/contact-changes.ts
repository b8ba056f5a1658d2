import type { Bus } from '../bus/bus.ts'
import { personSubject } from '../bus/person-message.ts'
import { relatedSubject } from '../bus/related-message.ts'
import type { Database } from '../database/tables.ts'
import { type Appended, appendEvents, type ChangeOf, publishEvents } from './account-events.ts'
import { inAccountTurns } from './account-turns.ts'
import { readContacts } from './contact-rows.ts'
import { partExpected } from './expected-call-rows.ts'

/** What a transaction changed about contacts, for whoever is to be told of it. */
export interface ContactChanges {
  /** The row of this person with this id is another now, or is no more. */
  touched(userId: string, id: string): void
  /** Who may see and ring whom has changed between these two. */
  related(one: string, other: string): void
}

/** What is to be told once it is committed. */
export interface ToTell {
  readonly appended: Appended
  readonly related: readonly (readonly [string, string])[]
}

/**
 * Does something to contacts in one transaction, with the events of all whose rows it touched: each says how that row is
 * in the end, as a reset would.
 *
 * @param now wall-clock ms.
 * @param userIds whose contacts they are, as far as that is known before: those take turns.
 */
export async function changeContacts<T>(
  db: Database,
  now: number,
  work: (trx: Database, changes: ContactChanges) => Promise<T>,
  userIds: readonly string[] = [],
): Promise<{ readonly result: T; readonly toTell: ToTell }> {
  if (!db.isTransaction) return inAccountTurns(db, userIds, (trx) => changeContacts(trx, now, work))
  const touched = new Map<string, Set<string>>()
  const related: (readonly [string, string])[] = []
  const result = await work(db, {
    touched(userId, id) {
      const ids = touched.get(userId) ?? new Set()
      touched.set(userId, ids.add(id))
    },
    related(one, other) {
      related.push([one, other])
    },
  })
  const events: ChangeOf[] = []
  for (const [userId, ids] of touched) events.push(...(await changesOf(db, userId, [...ids])))
  if (related.length > 0) {
    events.push(...(await marksOf(db, related, events)))
    events.push(...(await partExpected(db, related, now)))
  }
  return { result, toTell: { appended: await appendEvents(db, events, now), related } }
}

async function changesOf(db: Database, userId: string, ids: readonly string[]): Promise<ChangeOf[]> {
  const contacts = new Map((await readContacts(db, userId, ids)).map((contact) => [contact.id, contact]))
  return ids.map((id) => {
    const contact = contacts.get(id)
    return { userId, change: contact ? { kind: 'contact', contact } : { kind: 'contact-gone', id } }
  })
}

/**
 * How far somebody had read what they wrote with whom they have now: a device forgets it with whom it has no more, and all
 * that there was would be new to it.
 */
async function marksOf(
  db: Database,
  related: ToTell['related'],
  events: readonly ChangeOf[],
): Promise<ChangeOf[]> {
  const pairs = new Set(related.flatMap(([one, other]) => [`${one} ${other}`, `${other} ${one}`]))
  const joined = events.flatMap(({ userId, change }) => {
    if (change.kind !== 'contact' || change.contact.relation !== 'contact') return []
    return pairs.has(`${userId} ${change.contact.id}`) ? [{ userId, contact: change.contact.id }] : []
  })
  if (joined.length === 0) return []
  const ids = [...new Set(joined.flatMap(({ userId, contact }) => [userId, contact]))]
  const marks = await db
    .selectFrom('messageRead')
    .innerJoin('thread', 'thread.id', 'messageRead.thread')
    .select(['messageRead.userId', 'messageRead.until', 'thread.a', 'thread.b'])
    .where('messageRead.until', '>', 0)
    .where('thread.a', 'in', ids)
    .where('thread.b', 'in', ids)
    .execute()
  const untilOf = new Map(
    marks.map(({ userId, until, a, b }) => [`${userId} ${a === userId ? b : a}`, until] as const),
  )
  return joined.flatMap(({ userId, contact }): ChangeOf[] => {
    const until = untilOf.get(`${userId} ${contact}`)
    return until === undefined ? [] : [{ userId, change: { kind: 'read', read: { contact, until } } }]
  })
}

/** Tells whoever holds connections of these people. To be called once it is committed. */
export function tellContactChanges(bus: Pick<Bus, 'publish'>, { appended, related }: ToTell): void {
  publishEvents(bus, appended)
  for (const [one, other] of related) {
    bus.publish(personSubject(one), { kind: 'relation', other })
    bus.publish(personSubject(other), { kind: 'relation', other: one })
    bus.publish(relatedSubject, { one, other })
  }
}
