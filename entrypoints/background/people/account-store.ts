import { promisifyRequest } from 'idb-keyval'
import type {
  AccountChange,
  AccountEvent,
  Contact,
  ExpectedCall,
  Message,
  Read,
  Status,
} from '../../../protocol/people.ts'
import { databaseNamed, type UseDatabase } from '../session/database.ts'

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

/** So many messages are one value of the database. */
const perChunk = 50

/** What somebody wrote who has not signed in again for so long, in ms, is forgotten. */
const othersKeptFor = 28 * 24 * 60 * 60_000

const inPeople: UseDatabase = databaseNamed('reachable-people')

type Key = readonly [account: string, ...(string | number)[]]

interface Meta {
  readonly shape: number
  readonly cursor: number | null
}

/** @param account its id: what others keep on this device is not touched. */
export function openAccountStore(account: string, inStore: UseDatabase = inPeople): AccountStore {
  const meta: Key = [account, 'meta']
  const contactKey = (contact: string): Key => [account, 'contact', contact]
  const threadKey = (contact: string): Key => [account, 'thread', contact]
  const draftKey = (contact: string): Key => [account, 'draft', contact]
  const chunkKey = (contact: string, chunk: number): Key => [account, 'messages', contact, chunk]
  const entryKey = (key: string): Key => [account, 'outbox', key]
  const statusKey: Key = [account, 'status']
  const orderKey: Key = [account, 'order']

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

  const entryOf = (objects: Objects, key: string) => objects.get<OutboxEntry>(entryKey(key))

  const outboxOf = (objects: Objects) => objects.all<OutboxEntry>(rangeOf(account, 'outbox'))

  /** The threads that a transaction touches, and their chunks: each is read once, and written at the end. */
  function threadsIn(objects: Objects) {
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
      if (key === undefined || !(await entryOf(objects, key))) return
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
        for (const { key, n, contact: to } of await outboxOf(objects))
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
      const threads = threadsIn(objects)
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
      const entry = await entryOf(objects, key)
      const after = entry && (await changed(entry, objects))
      if (after) objects.put(entryKey(key), after)
      return after
    })

  return {
    load: () =>
      read(async (objects) => {
        const { cursor } = await readMeta(objects)
        const outbox = await outboxOf(objects)
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
        const threads = threadsIn(objects)
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
        const threads = threadsIn(objects)
        for (const changed of items) await applyChange(objects, threads, changed)
        const again = { threads: [] as Thread[], outbox: [] as OutboxEntry[] }
        const before = new Map(earlier.map((thread) => [thread.contact, thread]))
        for (const contact of new Set(items.flatMap(threadOfChange))) {
          const thread = await threads.find(contact)
          if (!thread) continue
          const marked = await threads.change(contact, marksKept(thread, before.get(contact), isFirst))
          if (marked && marked.read > marked.readTold) again.threads.push(marked)
        }
        for (const entry of await outboxOf(objects)) {
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
        const threads = threadsIn(objects)
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
        const known = await entryOf(objects, message.key)
        if (known) return known
        const order = await nextOrder(objects)
        const entry: OutboxEntry = { ...message, order, n: null, refused: null }
        objects.put(entryKey(message.key), entry)
        objects.delete(draftKey(message.contact))
        return entry
      }),
    sent: (key, n) =>
      change(async (objects) => {
        const entry = await entryOf(objects, key)
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

const chunkOf = (n: number) => Math.floor((n - 1) / perChunk)

const threadOfChange = (changed: AccountChange): readonly string[] => {
  if (changed.kind === 'message') return [changed.message.contact]
  return changed.kind === 'read' ? [changed.read.contact] : []
}

/**
 * What was read here and told holds on where all is told anew, but no further than the thread goes: of a server that was
 * put back what comes next is new. On a device that had nothing before, what there is was told elsewhere.
 */
function marksKept(
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

/** Every key that begins so: a list comes after all texts and numbers. */
const rangeOf = (...start: Key): IDBKeyRange => IDBKeyRange.bound([...start], [...start, []])

/** What is read and written within one transaction. */
interface Objects {
  readonly get: <T>(key: Key) => Promise<T | undefined>
  readonly all: <T>(range: IDBKeyRange) => Promise<T[]>
  readonly put: (key: Key, value: unknown) => void
  readonly delete: (key: Key | IDBKeyRange) => void
}

/** Resolves once all of it is committed; what fails undoes all of it. Whatever it waits for must be of this transaction. */
async function inTransaction<T>(store: IDBObjectStore, use: (objects: Objects) => Promise<T>): Promise<T> {
  const { transaction } = store
  const committed = promisifyRequest(transaction)
  committed.catch(() => {})
  let result: T
  try {
    result = await use({
      get: (key) => promisifyRequest(store.get([...key])),
      all: (range) => promisifyRequest(store.getAll(range)),
      put: (key, value) => void store.put(value, [...key]),
      delete: (key) => void store.delete(key instanceof IDBKeyRange ? key : [...key]),
    })
  } catch (error) {
    // It may have ended by itself, for that very reason.
    try {
      transaction.abort()
    } catch {}
    throw error
  }
  await committed
  return result
}
