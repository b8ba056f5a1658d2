import type { AccountChange, Message, Read } from '../../../protocol/people.ts'
import { type Key, type Objects, rangeOf } from './keyed-transaction.ts'

/** A message as this device keeps it: whose thread it is of, its place says. */
export type StoredMessage = Omit<Message, 'contact'>

/** A thread without its messages. */
export interface Thread {
  readonly contact: string
  /** The numbers of the oldest and the newest message here; between them none is missing. 0 where there is none. */
  readonly oldest: number
  readonly newest: number
  /** Whether the server has older ones than are here, as far as is known. */
  readonly more: boolean
  /** How far it was read on any device of this person, and how far of that the server knows of. */
  readonly read: number
  readonly readTold: number
  /** How far the other side read, where both tell it. */
  readonly theirs: number
  /** Of the messages that are here those of others that were not read. */
  readonly unread: number
  /** Up to here this device has told its person that there are messages. */
  readonly notified: number
  /** When the newest came, in ms since 1970. */
  readonly at: number
}

/** A message that was written here and is not in its thread yet. */
export interface OutboxEntry {
  readonly key: string
  readonly contact: string
  readonly text: string
  /** When it was written or sent again last, in ms since 1970. */
  readonly at: number
  /** Its place among all that were written here. */
  readonly order: number
  /** Its number in the thread, once the server has told it. */
  readonly n: number | null
  /** Why the server does not take it, for people. */
  readonly refused: string | null
}

/** So many messages are one value of the database. */
const perChunk = 50

/** Where each thing of an account stands. */
export const keysOf = (account: string) => ({
  meta: [account, 'meta'] as Key,
  contactKey: (contact: string): Key => [account, 'contact', contact],
  threadKey: (contact: string): Key => [account, 'thread', contact],
  draftKey: (contact: string): Key => [account, 'draft', contact],
  chunkKey: (contact: string, chunk: number): Key => [account, 'messages', contact, chunk],
  entryKey: (key: string): Key => [account, 'outbox', key],
  statusKey: [account, 'status'] as Key,
  orderKey: [account, 'order'] as Key,
})

/** What was written here and is not in its thread, in no order. */
export const outboxOf = (objects: Objects, account: string): Promise<OutboxEntry[]> =>
  objects.all(rangeOf(account, 'outbox'))

/** The threads that a transaction touches, and their chunks: each is read once, and written at the end. */
export function threadsIn(objects: Objects, account: string) {
  const { threadKey, draftKey, chunkKey, entryKey } = keysOf(account)
  const threads = new Map<string, Thread | null>()
  const before = new Map<string, Thread | null>()
  const touched = new Set<string>()
  const chunks = new Map<string, { readonly key: Key; messages: StoredMessage[]; dirty: boolean }>()
  const arrived: string[] = []

  const find = async (contact: string): Promise<Thread | null> => {
    const known = threads.get(contact)
    if (known !== undefined) return known
    const found = (await objects.get<Thread>(threadKey(contact))) ?? null
    threads.set(contact, found)
    before.set(contact, found)
    return found
  }

  const chunkAt = async (contact: string, n: number) => {
    const key = chunkKey(contact, chunkOf(n))
    const name = JSON.stringify(key)
    const known = chunks.get(name)
    if (known) return known
    const chunk = { key, messages: (await objects.get<StoredMessage[]>(key)) ?? [], dirty: false }
    chunks.set(name, chunk)
    return chunk
  }

  /** What was written here is in its thread from now on. */
  const arrive = async (key: string | undefined) => {
    if (key === undefined || !(await objects.get(entryKey(key)))) return
    objects.delete(entryKey(key))
    arrived.push(key)
  }

  const dropMessages = (contact: string) => {
    for (const [name, { key }] of chunks) if (key[2] === contact) chunks.delete(name)
    objects.delete(rangeOf(account, 'messages', contact))
  }

  const countUnread = async (thread: Thread): Promise<number> => {
    let unread = 0
    const first = Math.max(thread.read + 1, thread.oldest)
    for (let n = first; n > 0 && n <= thread.newest; n = (chunkOf(n) + 1) * perChunk + 1)
      for (const message of (await chunkAt(thread.contact, n)).messages)
        if (message.n >= first && message.from !== 'me') unread += 1
    return unread
  }

  return {
    find,
    arrived,
    /** What it changed is told once more, as it is now. */
    async touch(changed: AccountChange): Promise<void> {
      if (changed.kind !== 'message' && changed.kind !== 'read') return
      const { contact, key } =
        changed.kind === 'message' ? changed.message : { ...changed.read, key: undefined }
      await find(contact)
      touched.add(contact)
      if (key !== undefined) arrived.push(key)
    },
    /** @returns whether it is new to its thread. */
    async append({ contact, ...message }: Message): Promise<boolean> {
      let thread = (await find(contact)) ?? emptyThread(contact)
      await arrive(message.key)
      if (message.n <= thread.newest) return false
      if (thread.newest > 0 && message.n > thread.newest + 1) {
        // Nothing may look whole that is not: what lies between comes with the history.
        dropMessages(contact)
        thread = { ...thread, newest: 0 }
      }
      const first = thread.newest === 0
      const chunk = await chunkAt(contact, message.n)
      chunk.messages.push(message)
      chunk.dirty = true
      threads.set(contact, {
        ...thread,
        oldest: first ? message.n : thread.oldest,
        newest: message.n,
        more: first ? message.n > 1 : thread.more,
        unread: (first ? 0 : thread.unread) + Number(message.from !== 'me' && message.n > thread.read),
        at: message.at,
      })
      return true
    },
    /** @param messages oldest first. Those that do not reach to the oldest that is here are of an earlier state of it. */
    async prepend(contact: string, messages: readonly StoredMessage[], more: boolean): Promise<void> {
      const thread = (await find(contact)) ?? emptyThread(contact)
      const last = messages.at(-1)
      if (thread.newest > 0 && last && last.n !== thread.oldest - 1) return
      for (const message of messages.toReversed()) {
        await arrive(message.key)
        const chunk = await chunkAt(contact, message.n)
        chunk.messages.unshift(message)
        chunk.dirty = true
      }
      const oldest = messages[0]?.n ?? thread.oldest
      const newest = thread.newest === 0 ? (last?.n ?? 0) : thread.newest
      const at = thread.newest === 0 ? (last?.at ?? thread.at) : thread.at
      const longer = { ...thread, oldest, newest, at, more }
      threads.set(contact, { ...longer, unread: await countUnread(longer) })
    },
    async read({ contact, until, theirs }: Read): Promise<void> {
      const thread = (await find(contact)) ?? emptyThread(contact)
      const marked = {
        ...thread,
        read: Math.max(thread.read, until),
        readTold: Math.max(thread.readTold, until),
        theirs: Math.max(thread.theirs, theirs ?? 0),
      }
      threads.set(contact, { ...marked, unread: await countUnread(marked) })
    },
    async change(contact: string, changed: Partial<Thread>): Promise<Thread | undefined> {
      const thread = await find(contact)
      if (!thread) return undefined
      const after = { ...thread, ...changed }
      const counted = after.read === thread.read ? after : { ...after, unread: await countUnread(after) }
      threads.set(contact, counted)
      return counted
    },
    async drop(contact: string): Promise<void> {
      await find(contact)
      threads.set(contact, null)
      dropMessages(contact)
      objects.delete(draftKey(contact))
      // The server has them, and this device will see them nowhere.
      for (const { key, n, contact: to } of await outboxOf(objects, account))
        if (to === contact && n !== null) await arrive(key)
    },
    /** Writes what has changed. @returns the threads that did. */
    flush(): Thread[] {
      for (const { key, messages, dirty } of chunks.values()) if (dirty) objects.put(key, messages)
      const changed: Thread[] = []
      for (const [contact, thread] of threads) {
        if (thread === before.get(contact)) {
          if (thread && touched.has(contact)) changed.push(thread)
        } else if (thread) {
          objects.put(threadKey(contact), thread)
          changed.push(thread)
        } else objects.delete(threadKey(contact))
      }
      return changed
    },
  }
}

/** Which of the values of a thread has message `n`. */
export const chunkOf = (n: number) => Math.floor((n - 1) / perChunk)

export const threadOfChange = (changed: AccountChange): readonly string[] => {
  if (changed.kind === 'message') return [changed.message.contact]
  return changed.kind === 'read' ? [changed.read.contact] : []
}

/**
 * What was read here and told holds on where all is told anew, but no further than the thread goes: of a server that was
 * put back what comes next is new. On a device that had nothing before, what there is was told elsewhere.
 */
export function marksKept(
  { read, newest }: Thread,
  before: Thread | undefined,
  isFirst: boolean,
): Pick<Thread, 'read' | 'notified'> {
  if (!before) return { read, notified: isFirst ? newest : 0 }
  return { read: Math.max(read, Math.min(before.read, newest)), notified: Math.min(before.notified, newest) }
}

const emptyThread = (contact: string): Thread => ({
  contact,
  oldest: 0,
  newest: 0,
  more: true,
  read: 0,
  readTold: 0,
  theirs: 0,
  unread: 0,
  notified: 0,
  at: 0,
})
