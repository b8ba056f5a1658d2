import { sql } from 'kysely'
import type { AccountChange } from '../../protocol/people.ts'
import type { Database } from '../database/tables.ts'
import { messageFor, otherSide, type Sides } from './message-rows.ts'

/**
 * Of a thread so many messages are told anew, or all that were not read, but no more than `mostUnread`. Whoever has more
 * threads than `mostThreads` is told of each the newest alone, or what is unread.
 */
const mostRead = 20
const mostUnread = 100
const mostThreads = 200
/** So many characters all of them have together at most, besides the newest of each thread. */
const mostCharacters = 2_000_000

/**
 * What a device is told of messages that has too old an idea of them (`reset`): of each thread its newest, oldest first, and
 * how far it was read. Threads with people whom this person has no more are left out.
 */
export async function messageItems(db: Database, userId: string): Promise<AccountChange[]> {
  const threads = await shownThreads(db, userId)
  const telling = await tellingContacts(db, userId)
  const items: AccountChange[] = []
  const sides = new Map<string, Pick<Sides, 'a' | 'b'>>()
  for (const { id, a, b, until, theirsUntil, theirsUntilBlocked } of threads) {
    sides.set(id, { a, b })
    const contact = otherSide({ a, b }, userId)
    const shown = telling.get(contact) === 'blocked' ? theirsUntilBlocked : theirsUntil
    const theirs = telling.has(contact) ? { theirs: shown ?? 0 } : {}
    const read = until ?? 0
    if (read > 0 || 'theirs' in theirs)
      items.push({ kind: 'read', read: { contact, until: read, ...theirs } })
  }
  const mostOfEach = threads.length > mostThreads ? 1 : mostRead
  let room = mostCharacters
  for (let first = 0; first < threads.length; first += mostThreads) {
    const some = threads.slice(first, first + mostThreads).map(({ id }) => id)
    for (const row of await newestMessages(db, userId, some, { mostOfEach, room })) {
      room -= row.text.length
      const side = sides.get(row.thread)
      if (side) items.push({ kind: 'message', message: messageFor(userId, row, side) })
    }
  }
  return items
}

const shownThreads = (db: Database, userId: string) =>
  db
    .selectFrom('thread')
    .leftJoin('messageRead as mine', (on) =>
      on.onRef('mine.thread', '=', 'thread.id').on('mine.userId', '=', userId),
    )
    .leftJoin('messageRead as theirs', (on) =>
      on.onRef('theirs.thread', '=', 'thread.id').on('theirs.userId', '<>', userId),
    )
    .select(['thread.id', 'thread.a', 'thread.b', 'mine.until'])
    .select(['theirs.until as theirsUntil', 'theirs.untilBlocked as theirsUntilBlocked'])
    .where('thread.deletedAt', 'is', null)
    .where((e) => e.or([e('thread.a', '=', userId), e('thread.b', '=', userId)]))
    .where((e) =>
      e.or([
        e('thread.a', 'is', null),
        e.exists(
          e
            .selectFrom('contact')
            .select('contact.id')
            .where('contact.userId', '=', userId)
            .where((c) =>
              c.or([c('contact.id', '=', c.ref('thread.a')), c('contact.id', '=', c.ref('thread.b'))]),
            ),
        ),
      ]),
    )
    .orderBy('thread.id')
    .execute()

/**
 * The newest messages of these threads, by thread, oldest first. Where there is no room for all, the newest of each goes
 * before the next of any.
 */
const newestMessages = (
  db: Database,
  userId: string,
  threads: readonly string[],
  { mostOfEach, room }: { readonly mostOfEach: number; readonly room: number },
) =>
  db
    .selectFrom(
      db
        .selectFrom('message')
        .innerJoin('thread', 'thread.id', 'message.thread')
        .leftJoin('messageRead as mine', (on) =>
          on.onRef('mine.thread', '=', 'thread.id').on('mine.userId', '=', userId),
        )
        .selectAll('message')
        .select([
          sql<number>`"thread"."n" - "message"."n"`.as('newer'),
          sql<number>`sum(length("message"."text")) over (
            order by "thread"."n" - "message"."n", "message"."thread")`.as('characters'),
        ])
        .where('thread.id', 'in', [...threads])
        .where(sql<boolean>`"message"."n" > "thread"."n" - ${sql.lit(mostUnread)}`)
        .where(
          sql<boolean>`("message"."n" > "thread"."n" - ${sql.lit(mostOfEach)} or "message"."n" > coalesce("mine"."until", 0))`,
        )
        .as('newest'),
    )
    .select(['id', 'thread', 'n', 'from', 'key', 'text', 'at'])
    .where((e) => e.or([e('newer', '=', 0), e('characters', '<=', room)]))
    .orderBy('thread')
    .orderBy('n')
    .execute()

/**
 * The contacts who tell this person how far they have read, and are told so: both want it. Of who has blocked this person
 * stays told what was so then: that it ends would tell of the block.
 *
 * @returns by contact how they have this person.
 */
async function tellingContacts(
  db: Database,
  userId: string,
): Promise<ReadonlyMap<string, 'contact' | 'blocked'>> {
  const rows = await db
    .selectFrom('contact as mine')
    .innerJoin('contact as theirs', (on) =>
      on.onRef('theirs.userId', '=', 'mine.otherId').onRef('theirs.id', '=', 'mine.userId'),
    )
    .innerJoin('user as me', 'me.id', 'mine.userId')
    .innerJoin('user as them', 'them.id', 'mine.otherId')
    .select(['mine.id', 'theirs.relation'])
    .where('mine.userId', '=', userId)
    .where('mine.relation', '=', 'contact')
    .where('theirs.relation', 'in', ['contact', 'blocked'])
    .where(sql<boolean>`"me"."tellsRead" + "them"."tellsRead" = 2`)
    .execute()
  return new Map(rows.map(({ id, relation }) => [id, relation === 'blocked' ? 'blocked' : 'contact']))
}
