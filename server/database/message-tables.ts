import type { Generated, Selectable } from 'kysely'

/** What people, and the clinic's system, write to each other. */

/** All that two people wrote to each other. The clinic's system has a thread with each of those it wrote to. */
export interface ThreadTable {
  /** Made of both. */
  id: string
  /** The lesser of both ids; null for the clinic's system. */
  a: string | null
  b: string
  /** How many messages there ever were in it: the number of its newest. */
  n: number
  /** Since when the account of one side is deleted: it goes, a batch of messages at a time. */
  deletedAt: Generated<number | null>
}

export interface MessageTable {
  id: string
  thread: string
  /** Its place in the thread: the first is 1, and none is left out. */
  n: number
  /** Whose it is, by their id, or `clinic`. */
  from: string
  /** The sender's own id of it: one makes one message. */
  key: string
  text: string
  at: number
}

/** How one side of a thread stands to it. */
export interface MessageReadTable {
  userId: string
  thread: string
  /** How far it was read on any device of theirs. */
  until: number
  /** The same when they last blocked the other side: that goes on to be told this of it, as of somebody who reads nothing. */
  untilBlocked: Generated<number>
  /** When the oldest message of the other side came that they have not read; null where there is none, or they block it. */
  unreadSince: number | null
  /** When a mail was made about what is unread; null while there is none. */
  mailedAt: number | null
}

export type MessageRow = Selectable<MessageTable>
