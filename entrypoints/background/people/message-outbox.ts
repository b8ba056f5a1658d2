import type { PeopleRequest, PeopleResult } from '../../../protocol/people.ts'
import { backoffSpan } from '../backoff.ts'
import { type Instant, readClocks } from '../clocks.ts'
import { type After, after, createTimer } from '../timer.ts'
import type { AccountContent, AccountStore, Applied } from './account-store.ts'
import type { OutboxEntry, Thread } from './account-threads.ts'
import {
  emptyOutbox,
  isPassing,
  type OutboxEvent,
  reduceOutbox,
  type Saying,
  type SayingAnswer,
  sayOutbox,
  toHold,
  waitToSayOutbox,
} from './message-outbox-reducer.ts'

/** What came of a request: its result, why it was refused, or that its connection ended before there was an answer. */
export type RequestAnswer =
  | { readonly kind: 'done'; readonly result: PeopleResult }
  | Extract<SayingAnswer, { kind: 'refused' }>
  | { readonly kind: 'lost' }

export interface MessageOutboxDependencies {
  readonly store: AccountStore
  /** Asks on this connection. It never rejects. */
  readonly ask: (connection: number, request: PeopleRequest) => Promise<RequestAnswer>
  /** Messages of a contact stand otherwise than before: they are written, sent, refused or forgotten. */
  readonly changed: (contact: string, entries: readonly OutboxEntry[]) => void
  /** A thread was read further here. */
  readonly threadChanged: (thread: Thread) => void
  readonly now?: () => Instant
  readonly later?: After
}

/**
 * Messages that were written here, until they are in their threads, and read marks until the server has them. Each is
 * written down before it is said, and said until it is answered.
 */
export interface MessageOutbox {
  /** Takes up what an earlier worker left. */
  readonly restore: (content: AccountContent) => void
  readonly leased: (connection: number) => void
  /** What the store applied may have brought messages that were written here, or shown that the server lost them. */
  readonly applied: (applied: Applied) => void
  /**
   * Resolves once it is written down. Asked again with its key it is one message.
   *
   * @throws when that cannot be: then nothing was done.
   */
  readonly send: (contact: string, text: string, key?: string) => Promise<void>
  readonly sendAgain: (key: string) => Promise<void>
  readonly forget: (key: string) => Promise<void>
  readonly read: (contact: string, until: number) => Promise<void>
  /** What of a contact's thread is not in it yet, in the order of writing. */
  readonly entriesOf: (contact: string) => readonly OutboxEntry[]
  /** Says nothing any more. */
  readonly stop: () => void
}

/** What a person is told of a message that waited for four weeks. */
const heldMessage = 'This was written four weeks ago and did not get through. Send it again, or delete it.'

export function createMessageOutbox({
  store,
  ask,
  changed,
  threadChanged,
  now = readClocks,
  later = after,
}: MessageOutboxDependencies): MessageOutbox {
  let state = emptyOutbox
  /** All that is not in its thread, those that are refused or acknowledged too. */
  let entries: ReadonlyMap<string, OutboxEntry> = new Map()
  let isStopped = false
  /** What its person was told is not written down. What the database has of it all the same goes nowhere. */
  const unwritten = new Set<string>()
  /** Of these, what is being taken out of the database. */
  const unwriting = new Set<string>()
  const stepIn = createTimer(later, step)

  /** What was read while a late write was still to be taken out has it too. */
  const withoutUnwritten = (read: readonly OutboxEntry[]) => read.filter(({ key }) => !unwritten.has(key))

  const entriesOf = (contact: string) =>
    [...entries.values()].filter((entry) => entry.contact === contact).sort((a, b) => a.order - b.order)

  function put(entry: OutboxEntry): void {
    entries = new Map(entries).set(entry.key, entry)
    changed(entry.contact, entriesOf(entry.contact))
  }

  function drop(keys: readonly string[]): void {
    const gone = keys.flatMap((key) => entries.get(key) ?? [])
    if (gone.length === 0) return
    entries = new Map([...entries].filter(([key]) => !keys.includes(key)))
    for (const contact of new Set(gone.map((entry) => entry.contact))) changed(contact, entriesOf(contact))
  }

  function take(event: OutboxEvent): void {
    state = reduceOutbox(state, event, now())
    step()
  }

  function step(): void {
    if (isStopped) return
    for (const entry of toHold(state, now())) {
      state = reduceOutbox(state, { type: 'held', key: entry.key }, now())
      void refuse(entry.key, heldMessage)
    }
    const { link } = state
    const [said, sayings] = sayOutbox(state, now())
    state = said
    if (link) for (const saying of sayings) void say(link.connection, saying)
    stepIn(waitToSayOutbox(state, now()))
  }

  async function say(connection: number, saying: Saying): Promise<void> {
    const answer = answerTo(saying, await ask(connection, saying))
    if (isStopped || !answer) return
    take({ type: 'answered', connection, saying, answer })
    // Where this cannot be written it is said again by the next worker, and answered alike.
    await record(saying, answer).catch(() => {})
  }

  async function record(saying: Saying, answer: SayingAnswer): Promise<void> {
    if (answer.kind === 'refused' && isPassing(answer.why)) return
    if (saying.what === 'read') return await store.readTold(saying.contact, saying.until)
    if (answer.kind === 'refused') return await refuse(saying.key, answer.message)
    if (answer.kind !== 'sent') return
    const { n } = answer.message
    const entry = entries.get(saying.key)
    if (entry) put({ ...entry, n, refused: null })
    if (await store.sent(saying.key, n)) drop([saying.key])
  }

  async function refuse(key: string, why: string): Promise<void> {
    const entry = entries.get(key)
    if (entry) put({ ...entry, refused: why })
    await store.refuse(key, why).catch(() => {})
  }

  /** Until the browser takes it out: what its person was told is not written down must not wait there for another worker. */
  async function unwrite(key: string): Promise<void> {
    unwritten.add(key)
    unwriting.add(key)
    for (let failures = 0; !isStopped; failures += 1)
      try {
        await store.forgetWritten(key)
        break
      } catch {
        await new Promise<void>((resolve) => later(backoffSpan(failures), resolve))
      }
    unwriting.delete(key)
  }

  return {
    restore(content) {
      const left = withoutUnwritten(content.outbox)
      entries = new Map([...left.map((entry) => [entry.key, entry] as const), ...entries])
      const untold = content.threads.filter(({ read, readTold }) => read > readTold)
      const reads = new Map(untold.map(({ contact, read }) => [contact, read]))
      take({ type: 'restored', entries: left, reads })
    },
    leased: (connection) => take({ type: 'leased', connection }),
    applied({ arrived, again }) {
      drop(arrived)
      take({ type: 'arrived', keys: arrived })
      for (const entry of withoutUnwritten(again?.outbox ?? [])) {
        put(entry)
        take({ type: 'written', entry })
      }
      for (const { contact, read } of again?.threads ?? []) take({ type: 'read', contact, until: read })
    },
    async send(contact, text, key = crypto.randomUUID()) {
      // Written now, it would be taken out with what is there of it.
      if (unwriting.has(key)) throw new Error('The browser has not got over the last try')
      let entry: OutboxEntry
      try {
        entry = await store.write({ key, contact, text: sendable(text), at: now().wall })
      } catch (error) {
        // An earlier try has written it, and it is on its way.
        if (entries.has(key)) return
        // A browser that took too long may have written it after all: its person is told that it did not, and at once.
        void unwrite(key)
        throw error
      }
      unwritten.delete(key)
      put(entry)
      take({ type: 'written', entry })
    },
    async sendAgain(key) {
      const entry = await store.sendAgain(key, now().wall)
      if (!entry) return
      put(entry)
      take({ type: 'written', entry })
    },
    async forget(key) {
      await store.forgetWritten(key)
      drop([key])
      take({ type: 'forgotten', key })
    },
    async read(contact, until) {
      const thread = await store.markRead(contact, until)
      if (!thread) return
      threadChanged(thread)
      if (thread.read > thread.readTold) take({ type: 'read', contact, until: thread.read })
    },
    entriesOf,
    stop() {
      isStopped = true
      stepIn(null)
    },
  }
}

/** Without what is no text: a frame has room for every message of 4,000 characters, but not if each is escaped. */
const sendable = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/(?![\n\t])\p{Cc}/gu, '')
    .trim()

/** Undefined where there is none, and where an answer is to something else. */
function answerTo(saying: Saying, answer: RequestAnswer): SayingAnswer | undefined {
  if (answer.kind === 'lost') return undefined
  if (answer.kind === 'refused') return answer
  if (saying.what === 'read') return { kind: 'done' }
  return answer.result.what === 'sent' ? { kind: 'sent', message: answer.result.message } : undefined
}
