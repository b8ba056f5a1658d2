import { clinicThread, type Message, type PeopleRequest } from '../../protocol/people.ts'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../clock.ts'
import { bucketsOf } from '../database/shared-buckets.ts'
import type { Database } from '../database/tables.ts'
import type { BucketSize } from '../leaky-bucket.ts'
import { type Appended, appendEvents, type ChangeOf, publishEvents } from '../people/account-events.ts'
import { done, type Handled, type PeopleHandlers, refused } from '../people/people-requests.ts'
import { relationOf } from '../people/relation.ts'
import { messageByKey, messageFor, type Sides, sidesOf } from './message-rows.ts'
import { storable, writeMessage } from './write-message.ts'

export interface MessageDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly bus: Pick<Bus, 'publish'>
}

/** So many messages a person may send at once, and then so many in a second. */
const sending: BucketSize = { atOnce: 60, perSecond: 1 }

/** So many messages, and so many characters of JSON, are one answer about what was: a frame has room for them. */
const mostInHistory = 100
const mostCharacters = 150_000

/** Of these to one contact, whether or not they have blocked the sender. */
const sendingToOne: BucketSize = { atOnce: 20, perSecond: 1 / 2 }

const noSuchContact = refused('no-such-contact', 'This person is not among your contacts.')

const keyReused = refused('bad-request', 'Another message was sent with this key.')

/** What devices ask for about messages. */
export function messageRequests(
  dependencies: MessageDependencies,
): PeopleHandlers<'send' | 'read' | 'history'> {
  const { db, clock, bus } = dependencies
  const rate = bucketsOf(dependencies, 'messages-of', sending)
  const rateToOne = bucketsOf(dependencies, 'messages-to', sendingToOne)

  const sent = (message: Message): Handled => ({ kind: 'done', result: { what: 'sent', message } })

  return {
    async send({ userId }, { contact, key, text }) {
      // What was sent already costs nothing: a device says it until it hears that it is there.
      const known = await messageByKey(db, userId, key)
      const isSame = ({ thread, text: kept }: { readonly thread: string; readonly text: string }) =>
        thread === sidesOf(userId, contact).id && kept === storable(text)
      if (known) return isSame(known) ? sent(messageFor(userId, known, known)) : keyReused
      const wait = (await rateToOne.pour(`${userId} ${contact}`)) || (await rate.pour(userId))
      if (wait > 0)
        return refused(
          'too-many-attempts',
          'These are too many messages at once. The next one goes in a moment.',
          Math.ceil(wait / 1_000),
        )
      const now = clock.wall()
      const written = await db.transaction().execute(async (trx) => {
        const { kind } = await relationOf(trx, userId, contact)
        if (kind !== 'contact' && kind !== 'blocks-me') return undefined
        const isBlocked = kind === 'blocks-me'
        const { row, changes } = await writeMessage(
          trx,
          { from: userId, to: contact, key, text, isBlocked },
          now,
        )
        return { row, appended: await appendEvents(trx, changes, now) }
      })
      if (!written) return noSuchContact
      publishEvents(bus, written.appended)
      const { row } = written
      if (!isSame(row)) return keyReused
      return sent(messageFor(userId, row, await sidesOfThread(db, row.thread)))
    },

    async read({ userId }, { contact, until }) {
      const appended = await db
        .transaction()
        .execute((trx) => markRead(trx, userId, contact, until, clock.wall()))
      publishEvents(bus, appended)
      return done
    },

    history: async ({ userId }, request) => ({ kind: 'done', result: await history(db, userId, request) }),
  }
}

const sidesOfThread = (db: Database, thread: string): Promise<Sides> =>
  db.selectFrom('thread').select(['id', 'a', 'b']).where('id', '=', thread).executeTakeFirstOrThrow()

/** Writes down how far somebody has read. What was read further already stays so. */
async function markRead(
  trx: Database,
  userId: string,
  contact: string,
  wanted: number,
  now: number,
): Promise<Appended> {
  const none: Appended = new Map()
  const thread = await trx
    .selectFrom('thread')
    .selectAll()
    .where('id', '=', sidesOf(userId, contact).id)
    .executeTakeFirst()
  const until = Math.min(wanted, thread?.n ?? 0)
  const before = await readMark(trx, userId, sidesOf(userId, contact).id)
  if (!thread || until <= (before?.until ?? 0)) return none
  const oldest = await trx
    .selectFrom('message')
    .select('at')
    .where('thread', '=', thread.id)
    .where('n', '>', until)
    .where('from', '<>', userId)
    .orderBy('n')
    .limit(1)
    .executeTakeFirst()
  // Of somebody who is blocked nothing was waiting.
  const unreadSince = before?.unreadSince === null ? null : (oldest?.at ?? null)
  const mark = { until, unreadSince, ...(oldest ? {} : { mailedAt: null }) }
  await trx
    .insertInto('messageRead')
    .values({ userId, thread: thread.id, mailedAt: null, ...mark })
    .onConflict((c) => c.columns(['userId', 'thread']).doUpdateSet(mark))
    .execute()
  const changes: ChangeOf[] = [{ userId, change: { kind: 'read', read: { contact, until } } }]
  const telling = contact === clinicThread ? 'none' : await bothTell(trx, userId, contact)
  if (telling !== 'none') {
    const theirs = (await readMark(trx, contact, thread.id))?.until ?? 0
    // Whoever has blocked the reader is told what they know: as much is written as of anybody else.
    const read = { contact: userId, until: theirs, ...(telling === 'contact' && { theirs: until }) }
    changes.push({ userId: contact, change: { kind: 'read', read } })
  }
  return appendEvents(trx, changes, now)
}

const readMark = (db: Database, userId: string, thread: string) =>
  db
    .selectFrom('messageRead')
    .select(['until', 'unreadSince'])
    .where('userId', '=', userId)
    .where('thread', '=', thread)
    .executeTakeFirst()

/** How a contact stands to this person, where each of both wants the other to know how far they have read; else `none`. */
async function bothTell(
  db: Database,
  userId: string,
  other: string,
): Promise<'contact' | 'blocks-me' | 'none'> {
  const telling = await db
    .selectFrom('user')
    .select('id')
    .where('id', 'in', [userId, other])
    .where('tellsRead', '=', 1)
    .execute()
  if (telling.length < 2) return 'none'
  const { kind } = await relationOf(db, userId, other)
  return kind === 'contact' || kind === 'blocks-me' ? kind : 'none'
}

async function history(
  db: Database,
  userId: string,
  { contact, before }: Extract<PeopleRequest, { what: 'history' }>,
) {
  const sides = sidesOf(userId, contact)
  const rows = await db
    .selectFrom('message')
    .selectAll()
    .where('thread', '=', sides.id)
    // What is forgotten is about to be deleted.
    .where((e) =>
      e.exists(
        e.selectFrom('thread').select('thread.id').where('id', '=', sides.id).where('deletedAt', 'is', null),
      ),
    )
    .$if(before !== null, (query) => query.where('n', '<', before ?? 0))
    .orderBy('n', 'desc')
    .limit(mostInHistory + 1)
    .execute()
  let characters = 0
  const fitting = rows.slice(0, mostInHistory).filter(({ text }) => {
    characters += JSON.stringify(text).length
    return characters <= mostCharacters
  })
  return {
    what: 'history' as const,
    messages: fitting.map((row) => messageFor(userId, row, sides)),
    more: rows.length > fitting.length,
  }
}
