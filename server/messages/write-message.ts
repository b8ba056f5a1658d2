import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { clinicThread } from '../../protocol/people.ts'
import type { MessageRow } from '../database/message-tables.ts'
import type { Database } from '../database/tables.ts'
import type { ChangeOf } from '../people/account-events.ts'
import { messageFor, type Sender, sidesOf } from './message-rows.ts'

export interface NewMessage {
  readonly from: Sender
  readonly to: string
  /** The sender's own id of it: it makes one message. */
  readonly key: string
  readonly text: string
  /** The other side has blocked the sender: the message is kept, and they are not mailed about it. */
  readonly isBlocked?: boolean
}

export interface WrittenMessage {
  readonly row: MessageRow
  /** What the devices of both sides are to be told, for `appendEvents`; nothing where the message was there already. */
  readonly changes: readonly ChangeOf[]
}

/**
 * Writes a message down as the next of its thread; one that its sender's key has made already is left as it is. Whether
 * the one may write to the other is known before.
 *
 * @param trx a transaction, which ends with `appendEvents`.
 * @param now wall-clock ms.
 */
export async function writeMessage(trx: Database, message: NewMessage, now: number): Promise<WrittenMessage> {
  const { from, to, key, isBlocked = false } = message
  const sides = sidesOf(to, from)
  const known = await trx
    .selectFrom('message')
    .selectAll()
    .where('from', '=', from)
    .where('key', '=', key)
    .executeTakeFirst()
  if (known) return { row: known, changes: [] }
  const { n } = await trx
    .insertInto('thread')
    .values({ ...sides, n: 1 })
    .onConflict((c) => c.column('id').doUpdateSet({ n: sql<number>`"thread"."n" + 1` }))
    .returning('n')
    .executeTakeFirstOrThrow()
  const text = storable(message.text)
  const row: MessageRow = { id: randomUUID(), thread: sides.id, n, from, key, text, at: now }
  await trx.insertInto('message').values(row).execute()
  await trx
    .insertInto('messageRead')
    .values({
      userId: to,
      thread: sides.id,
      until: 0,
      unreadSince: isBlocked ? null : now,
      mailedAt: null,
    })
    .onConflict((c) =>
      c.columns(['userId', 'thread']).doUpdateSet({
        unreadSince: isBlocked
          ? sql<number | null>`"messageRead"."unreadSince"`
          : sql<number | null>`coalesce("messageRead"."unreadSince", excluded."unreadSince")`,
      }),
    )
    .execute()
  const both = from === clinicThread ? [to] : [from, to]
  const changes = both.map(
    (userId): ChangeOf => ({
      userId,
      change: { kind: 'message', message: messageFor(userId, row, sides) },
    }),
  )
  return { row, changes }
}

/** As both databases keep it, so that an event says what the row does: halves of characters and NUL are none. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd')
