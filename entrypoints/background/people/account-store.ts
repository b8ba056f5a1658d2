import { promisifyRequest } from 'idb-keyval'
import type {
  AccountChange,
  AccountEvent,
  Contact,
  ExpectedCall,
  Message,
  Status,
} from '../../../protocol/people.ts'
import { databaseNamed, type UseDatabase } from '../session/database.ts'
import {
  chunkOf,
  keysOf,
  marksKept,
  type OutboxEntry,
  outboxOf,
  type StoredMessage,
  type Thread,
  threadOfChange,
  threadsIn,
} from './account-threads.ts'
import { inTransaction, type Key, type Objects, rangeOf } from './keyed-transaction.ts'

export interface AccountContent {
  /** The number of the newest event that this device has; null where it has none. */
  readonly cursor: number | null
  readonly status: Status | null
  readonly contacts: readonly Contact[]
  readonly expected: readonly ExpectedCall[]
  readonly threads: readonly Thread[]
  /** In the order in which they were written. */
  readonly outbox: readonly OutboxEntry[]
}

/** What came of a frame of events. Without `gap` all of them are here. */
export interface Applied {
  /** One or more are missing before these: nothing was done, and what is to be done is to sync anew, after `cursor`. */
  readonly gap: boolean
  readonly cursor: number | null
  /** What was new, in its order. Of messages those that are new to their thread. */
  readonly changes: readonly AccountChange[]
  /** The threads that changed, as they are now. */
  readonly threads: readonly Thread[]
  /** What is no longer in the outbox, by its key, since its thread has it. */
  readonly arrived: readonly string[]
  /** Of a reset: what the server does not know, or knows no more, and is to be told again. */
  readonly again?: Pick<AccountContent, 'outbox' | 'threads'>
  /** Of a reset: this device had nothing of the account before, so nothing of it is news. */
  readonly isFirst?: boolean
}

/** Messages of a thread, oldest first. `more` is whether there are older ones: here, or at the server at most. */
export interface StoredPage {
  readonly messages: readonly StoredMessage[]
  readonly more: 'here' | 'server' | 'none'
}

/**
 * What this device keeps of one account. Each function is one transaction: it is done whole or not at all, whenever the
 * worker is killed, and doing it twice is as doing it once. All reject when the browser cannot read or write.
 */
export interface AccountStore {
  readonly load: () => Promise<AccountContent>
  /**
   * Events and cursor together. Those that are here already are passed over.
   *
   * @param known the event that the caller has last. What came after it and is here already, since a browser took longer
   *   than was waited for, is among the changes too.
   */
  readonly applyEvents: (events: readonly AccountEvent[], known: number | null) => Promise<Applied>
  /** Forgets everything but what was written here, and takes these in its place. They make up event `until`. */
  readonly reset: (items: readonly AccountChange[], until: number) => Promise<Applied>
  /** The newest messages of a thread before number `before`, `most` at most; null for the newest of all. */
  readonly readThread: (contact: string, before: number | null, most: number) => Promise<StoredPage>
  /** Older messages as the server told them, and whether it has yet older ones. */
  readonly addHistory: (contact: string, messages: readonly Message[], more: boolean) => Promise<Applied>
  /**
   * Writes a message down, after all that were written before it, and forgets what was half-typed to that contact. It
   * resolves once a machine that loses its power now would have it too.
   */
  readonly write: (message: Pick<OutboxEntry, 'key' | 'contact' | 'text' | 'at'>) => Promise<OutboxEntry>
  /** The server has message `key`, as number `n`. @returns whether the thread has it, and the outbox no more. */
  readonly sent: (key: string, n: number) => Promise<boolean>
  readonly refuse: (key: string, why: string) => Promise<void>
  /** Of one that was refused: it goes again, after all others. @returns undefined where it is there no more. */
  readonly sendAgain: (key: string, at: number) => Promise<OutboxEntry | undefined>
  readonly forgetWritten: (key: string) => Promise<void>
  /** This person has read the thread so far. @returns undefined where there is no such thread. */
  readonly markRead: (contact: string, until: number) => Promise<Thread | undefined>
  /** The server knows that the thread was read so far. */
  readonly readTold: (contact: string, until: number) => Promise<void>
  readonly markNotified: (contact: string, until: number) => Promise<void>
  readonly keepDraft: (contact: string, text: string) => Promise<void>
  readonly readDraft: (contact: string) => Promise<string>
}

/** Of what an earlier version kept in another shape a device has no cursor: it is told everything anew. */
const shape = 1

/** What somebody wrote who has not signed in again for so long, in ms, is forgotten. */
const othersKeptFor = 28 * 24 * 60 * 60_000

const inPeople: UseDatabase = databaseNamed('reachable-people')

interface Meta {
  readonly shape: number
  readonly cursor: number | null
}

/** @param account its id: what others keep on this device is not touched. */
export function openAccountStore(account: string, inStore: UseDatabase = inPeople): AccountStore {
  const { meta, contactKey, threadKey, draftKey, chunkKey, entryKey, statusKey, orderKey } = keysOf(account)

  const within = <T>(mode: IDBTransactionMode, use: (objects: Objects) => Promise<T>): Promise<T> =>
    inStore((useStore) => useStore(mode, (store) => inTransaction(store, use)))
  const read = <T>(use: (objects: Objects) => Promise<T>) => within('readonly', use)
  const change = <T>(use: (objects: Objects) => Promise<T>) => within('readwrite', use)
  /** A browser may say that something is written before it is on the disk, unless it is asked to wait for that. */
  const changeForGood = <T>(use: (objects: Objects) => Promise<T>): Promise<T> =>
    inStore((useStore) =>
      useStore('readonly', ({ name, transaction: { db } }) =>
        inTransaction(db.transaction(name, 'readwrite', { durability: 'strict' }).objectStore(name), use),
      ),
    )

  const readMeta = async (objects: Objects): Promise<Meta> => {
    const found = await objects.get<Meta>(meta)
    return found?.shape === shape ? found : { shape, cursor: null }
  }

  const nextOrder = async (objects: Objects) => {
    const order = ((await objects.get<number>(orderKey)) ?? 0) + 1
    objects.put(orderKey, order)
    return order
  }

  /** @returns whether it is to be told as a change: a message that is here already is none. */
  async function applyChange(
    objects: Objects,
    threads: ReturnType<typeof threadsIn>,
    changed: AccountChange,
  ): Promise<boolean> {
    switch (changed.kind) {
      case 'status':
        objects.put(statusKey, changed.status)
        return true
      case 'contact':
        objects.put(contactKey(changed.contact.id), changed.contact)
        return true
      case 'contact-gone':
        objects.delete(contactKey(changed.id))
        await threads.drop(changed.id)
        return true
      case 'message':
        return threads.append(changed.message)
      case 'read':
        await threads.read(changed.read)
        return true
      case 'expected': {
        const { expected } = changed
        const key: Key = [account, 'expected', expected.id]
        if (expected.gone) objects.delete(key)
        else objects.put(key, expected)
        return true
      }
      case 'calls':
        return true
      default:
        return changed satisfies never
    }
  }

  const changeThread = (contact: string, changed: (thread: Thread) => Partial<Thread>) =>
    change(async (objects) => {
      const threads = threadsIn(objects, account)
      const thread = await threads.find(contact)
      const after = thread ? await threads.change(contact, changed(thread)) : undefined
      threads.flush()
      return after
    })

  const changeEntry = (
    key: string,
    changed: (entry: OutboxEntry, objects: Objects) => Promise<OutboxEntry>,
  ) =>
    change(async (objects) => {
      const entry = await objects.get<OutboxEntry>(entryKey(key))
      const after = entry && (await changed(entry, objects))
      if (after) objects.put(entryKey(key), after)
      return after
    })

  return {
    load: () =>
      read(async (objects) => {
        const { cursor } = await readMeta(objects)
        const outbox = await outboxOf(objects, account)
        return {
          cursor,
          outbox: outbox.toSorted((a, b) => a.order - b.order),
          ...(cursor === null
            ? { status: null, contacts: [], expected: [], threads: [] }
            : {
                status: (await objects.get<Status>(statusKey)) ?? null,
                contacts: await objects.all<Contact>(rangeOf(account, 'contact')),
                expected: await objects.all<ExpectedCall>(rangeOf(account, 'expected')),
                threads: await objects.all<Thread>(rangeOf(account, 'thread')),
              }),
        }
      }),
    applyEvents: (events, known) =>
      change(async (objects) => {
        const { cursor } = await readMeta(objects)
        const none = { cursor: known, changes: [], threads: [], arrived: [] }
        const fresh = events.filter(({ seq }) => known !== null && seq > known)
        const isWhole = known !== null && fresh.every(({ seq }, place) => seq === known + 1 + place)
        const last = fresh.at(-1)
        // A browser that wants room may have thrown away what was here: then all of it is told anew.
        if (known === null || cursor === null || cursor < known) return { ...none, cursor: null, gap: true }
        if (!isWhole) return { ...none, gap: true }
        if (!last) return { ...none, gap: false }
        const threads = threadsIn(objects, account)
        const changes: AccountChange[] = []
        for (const { seq, change: changed } of fresh) {
          if (seq <= cursor) await threads.touch(changed)
          if (seq <= cursor || (await applyChange(objects, threads, changed))) changes.push(changed)
        }
        if (last.seq > cursor) objects.put(meta, { shape, cursor: last.seq } satisfies Meta)
        const { arrived } = threads
        return { gap: false, cursor: last.seq, changes, threads: threads.flush(), arrived }
      }),
    reset: (items, until) =>
      change(async (objects) => {
        const isFirst = (await readMeta(objects)).cursor === null
        const earlier = await objects.all<Thread>(rangeOf(account, 'thread'))
        for (const part of ['contact', 'thread', 'messages', 'expected'])
          objects.delete(rangeOf(account, part))
        objects.delete(statusKey)
        const threads = threadsIn(objects, account)
        for (const changed of items) await applyChange(objects, threads, changed)
        const again = { threads: [] as Thread[], outbox: [] as OutboxEntry[] }
        const before = new Map(earlier.map((thread) => [thread.contact, thread]))
        for (const contact of new Set(items.flatMap(threadOfChange))) {
          const thread = await threads.find(contact)
          if (!thread) continue
          const marked = await threads.change(contact, marksKept(thread, before.get(contact), isFirst))
          if (marked && marked.read > marked.readTold) again.threads.push(marked)
        }
        for (const entry of await outboxOf(objects, account)) {
          const { key, n, contact } = entry
          if (n === null) continue
          if (n <= ((await threads.find(contact))?.newest ?? 0)) {
            objects.delete(entryKey(key))
            threads.arrived.push(key)
          } else {
            // A server that was put back has lost it. Where it comes yet, its key makes it one message.
            const waits = { ...entry, n: null }
            objects.put(entryKey(key), waits)
            again.outbox.push(waits)
          }
        }
        objects.put(meta, { shape, cursor: until } satisfies Meta)
        return {
          gap: false,
          cursor: until,
          changes: items,
          threads: threads.flush(),
          arrived: threads.arrived,
          again,
          isFirst,
        }
      }),
    readThread: (contact, before, most) =>
      read(async (objects) => {
        const thread = await objects.get<Thread>(threadKey(contact))
        if (!thread || thread.newest === 0)
          return { messages: [], more: thread && !thread.more ? 'none' : 'server' }
        const last = Math.min(before === null ? thread.newest : before - 1, thread.newest)
        const first = Math.max(thread.oldest, last - most + 1)
        const chunks =
          last < first
            ? []
            : await objects.all<StoredMessage[]>(
                IDBKeyRange.bound(chunkKey(contact, chunkOf(first)), chunkKey(contact, chunkOf(last))),
              )
        const messages = chunks.flat().filter(({ n }) => n >= first && n <= last)
        return { messages, more: first > thread.oldest ? 'here' : thread.more ? 'server' : 'none' }
      }),
    addHistory: (contact, messages, more) =>
      change(async (objects) => {
        const threads = threadsIn(objects, account)
        const thread = await threads.find(contact)
        const older = messages
          .filter(({ n }) => !thread || thread.newest === 0 || n < thread.oldest)
          .toSorted((a, b) => a.n - b.n)
          .map(({ contact: _, ...message }) => message)
        // What is all here already says nothing of what is before it.
        if (older.length > 0 || messages.length === 0) await threads.prepend(contact, older, more)
        const { cursor } = await readMeta(objects)
        return { gap: false, cursor, changes: [], threads: threads.flush(), arrived: threads.arrived }
      }),
    write: (message) =>
      changeForGood(async (objects) => {
        const known = await objects.get<OutboxEntry>(entryKey(message.key))
        if (known) return known
        const order = await nextOrder(objects)
        const entry: OutboxEntry = { ...message, order, n: null, refused: null }
        objects.put(entryKey(message.key), entry)
        objects.delete(draftKey(message.contact))
        return entry
      }),
    sent: (key, n) =>
      change(async (objects) => {
        const entry = await objects.get<OutboxEntry>(entryKey(key))
        if (!entry) return true
        const isThere = ((await objects.get<Thread>(threadKey(entry.contact)))?.newest ?? 0) >= n
        if (isThere) objects.delete(entryKey(key))
        else objects.put(entryKey(key), { ...entry, n, refused: null })
        return isThere
      }),
    refuse: async (key, refused) => {
      await changeEntry(key, async (entry) => ({ ...entry, refused }))
    },
    sendAgain: (key, at) =>
      changeEntry(key, async (entry, objects) => ({
        ...entry,
        at,
        refused: null,
        order: await nextOrder(objects),
      })),
    forgetWritten: (key) => change(async (objects) => objects.delete(entryKey(key))),
    markRead: (contact, until) =>
      changeThread(contact, (thread) => ({
        read: Math.max(thread.read, Math.min(until, thread.newest)),
      })),
    readTold: async (contact, until) => {
      await changeThread(contact, ({ readTold }) => ({ readTold: Math.max(readTold, until) }))
    },
    markNotified: async (contact, until) => {
      await changeThread(contact, ({ notified }) => ({ notified: Math.max(notified, until) }))
    },
    keepDraft: (contact, text) =>
      change(async (objects) => {
        if (text === '') objects.delete(draftKey(contact))
        else objects.put(draftKey(contact), text)
      }),
    readDraft: (contact) => read(async (objects) => (await objects.get<string>(draftKey(contact))) ?? ''),
  }
}

/**
 * Forgets what this device keeps of others than `account` (null: of everybody), but for what they wrote and could not send;
 * and that too where they have not come back for four weeks by `now` (wall-clock ms). One person at a time is signed in.
 */
export const forgetOthers = (
  account: string | null,
  now: number,
  inStore: UseDatabase = inPeople,
): Promise<void> =>
  inStore((useStore) =>
    useStore('readwrite', (store) =>
      inTransaction(store, async (objects) => {
        const others = new Set<string>()
        for (const key of await promisifyRequest(store.getAllKeys()))
          if (Array.isArray(key) && typeof key[0] === 'string' && key[0] !== account) others.add(key[0])
        for (const other of others)
          await forgetContent(objects, other, (entry) => now - entry.at <= othersKeptFor)
      }),
    ),
  )

/** Forgets all of an account but what was written and not sent, of that what is `wanted`. */
async function forgetContent(
  objects: Objects,
  account: string,
  wanted: (entry: OutboxEntry) => boolean,
): Promise<void> {
  const entries = await objects.all<OutboxEntry>(rangeOf(account, 'outbox'))
  const kept = entries.filter((entry) => entry.n === null && wanted(entry))
  objects.delete(rangeOf(account))
  for (const entry of kept) objects.put([account, 'outbox', entry.key], entry)
  const last = Math.max(...kept.map(({ order }) => order))
  if (kept.length > 0) objects.put([account, 'order'], last)
}
