import { clinicThread, type Message } from '../../protocol/people.ts'
import type { MessageRow } from '../database/message-tables.ts'
import type { Database } from '../database/tables.ts'

/** Who writes to one person: another, or the clinic's system. */
export type Sender = string | typeof clinicThread

/** The two sides of a thread; `a` is null for the clinic's system. */
export interface Sides {
  readonly id: string
  readonly a: string | null
  readonly b: string
}

/** The thread of a person with another, or with the clinic's system. */
export function sidesOf(userId: string, other: Sender): Sides {
  if (other === clinicThread) return { id: `${clinicThread} ${userId}`, a: null, b: userId }
  const [a, b] = userId < other ? ([userId, other] as const) : ([other, userId] as const)
  return { id: `${a} ${b}`, a, b }
}

/** The other side of a thread, as the devices of `userId` know it. */
export const otherSide = ({ a, b }: Pick<Sides, 'a' | 'b'>, userId: string): Sender =>
  a === null ? clinicThread : a === userId ? b : a

/** A message as the devices of one side have it. */
export function messageFor(userId: string, row: MessageRow, { a, b }: Pick<Sides, 'a' | 'b'>): Message {
  const { id, n, from, key, text, at } = row
  const contact = otherSide({ a, b }, userId)
  if (from === userId) return { id, contact, n, from: 'me', text, at, key }
  return { id, contact, n, from: from === clinicThread ? 'clinic' : 'them', text, at }
}

/** The message that a sender made with this key, and its thread. */
export const messageByKey = (db: Database, from: Sender, key: string) =>
  db
    .selectFrom('message')
    .innerJoin('thread', 'thread.id', 'message.thread')
    .selectAll('message')
    .select(['thread.a', 'thread.b'])
    .where('message.from', '=', from)
    .where('message.key', '=', key)
    .executeTakeFirst()
