import {
  type MessageView,
  type PeopleReply,
  shownPort,
  type ThreadPosted,
  threadPort,
} from '../../../messages/people.ts'
import { backoffSpan } from '../backoff.ts'
import type { After } from '../timer.ts'
import type { AccountStore, Applied, StoredPage } from './account-store.ts'
import type { OutboxEntry, StoredMessage } from './account-threads.ts'
import { type PersonsAnswer, replyOf } from './people-requests.ts'
import type { Port } from './port.ts'

export interface ThreadPorts {
  /** A page that shows a thread, or that can be seen with it. @returns false where the port is for something else. */
  readonly connect: (port: Port) => boolean
  /** What is kept is another altogether: every page is told the whole anew. */
  readonly begin: () => void
  /** New messages, which every page of their thread shows. */
  readonly applied: (applied: Applied) => void
  /** What was written here to a contact and is not in the thread yet. */
  readonly written: (contact: string, entries: readonly OutboxEntry[]) => void
  readonly forgotten: (contact: string, key: string) => void
  /**
   * Brings every page of this thread the next older messages.
   *
   * @param waited ms for which whoever asks has waited already.
   */
  readonly loadHistory: (contact: string, waited?: number) => Promise<PeopleReply>
  /** Whether a page that can be seen shows it. */
  readonly isShown: (contact: string) => boolean
}

interface Dependencies {
  /** Null while it is not known whose threads they are. */
  readonly store: () => AccountStore | null
  readonly entriesOf: (contact: string) => readonly OutboxEntry[]
  /** How far the thread was read, and the number of its newest message. */
  readonly readOf: (contact: string) => { readonly until: number; readonly newest: number }
  readonly history: (contact: string, before: number | null, waited: number) => Promise<PersonsAnswer>
  /** Older messages are kept: among them may be some that were written here and never acknowledged. */
  readonly historyKept: (applied: Applied) => void
  readonly after: After
}

/** So many messages come first, and with each further asking. */
const pageOf = 100

/** Whoever was away for long begins where they left off: what was not read comes at first, up to so many. */
const mostUnread = 1_000
/** And so many that were read, above the line that stands between them. */
const readBefore = 10

interface Page {
  readonly contact: string
  /** The number of the oldest message that it has; null while it has none. */
  oldest: number | null
  /** What came while it was told the whole; null once it was. */
  held: ThreadPosted[] | null
}

/** The pages that show a thread, each by a port of its own. */
export function createThreadPorts(dependencies: Dependencies): ThreadPorts {
  const { store, entriesOf, readOf, history, historyKept, after } = dependencies
  const pages = new Map<Port, Page>()
  /** Of each page that can be seen the contact whose thread it shows. */
  const seen = new Map<Port, string>()
  const prefix = threadPort('')
  const seenPrefix = shownPort('')

  function send(port: Port, posted: ThreadPosted): void {
    try {
      port.postMessage(posted)
    } catch {
      pages.delete(port)
    }
  }

  function post(contact: string, posted: ThreadPosted): void {
    for (const [port, page] of pages) {
      if (page.contact !== contact) continue
      if (page.held) page.held.push(posted)
      else send(port, posted)
    }
  }

  /** Reads what there is, and again where that fails. */
  async function begin(port: Port, page: Page, failures = 0): Promise<void> {
    const kept = store()
    const { contact } = page
    try {
      if (!kept) throw new Error('not known yet whose it is')
      const { until, newest } = readOf(contact)
      const wanted = Math.max(pageOf, Math.min(newest - until + readBefore, mostUnread))
      const [{ messages, more }, draft] = await Promise.all([
        kept.readThread(contact, null, wanted),
        kept.readDraft(contact),
      ])
      const waiting = entriesOf(contact)
      const known = new Set(messages.map(({ key }) => key))
      const views = [
        ...messages.map(viewOf),
        ...waiting.filter(({ key }) => !known.has(key)).map(viewOfEntry),
      ]
      page.oldest = messages[0]?.n ?? null
      const held = page.held ?? []
      page.held = null
      send(port, { whole: views, more: more !== 'none', draft, readUntil: until })
      for (const posted of held) send(port, posted)
      // Of a thread that is not here it is not known whether there is one.
      if (messages.length === 0 && more === 'server') void loadOlder(port, page, kept).catch(() => {})
    } catch {
      after(backoffSpan(failures), () => {
        if (pages.has(port)) void begin(port, page, failures + 1)
      })
    }
  }

  async function loadOlder(port: Port, page: Page, kept: AccountStore, waited = 0): Promise<PeopleReply> {
    const { contact, oldest } = page
    let found = await kept.readThread(contact, oldest, pageOf)
    if (found.messages.length === 0 && found.more === 'server') {
      const answer = await history(contact, oldest, waited)
      if (answer.kind !== 'done') return replyOf(answer)
      const { result } = answer
      if (result.what !== 'history') return { ok: true }
      historyKept(await kept.addHistory(contact, result.messages, result.more))
      found = await kept.readThread(contact, oldest, pageOf)
    }
    // Another asking may have brought them meanwhile.
    if (page.oldest === oldest) sendOlder(port, page, found)
    return { ok: true }
  }

  function sendOlder(port: Port, page: Page, { messages, more }: StoredPage): void {
    page.oldest = messages[0]?.n ?? page.oldest
    send(port, { older: messages.map(viewOf), more: more !== 'none' })
  }

  return {
    connect: (port) => {
      if (port.name.startsWith(seenPrefix)) {
        seen.set(port, port.name.slice(seenPrefix.length))
        port.onDisconnect.addListener(() => seen.delete(port))
        return true
      }
      if (!port.name.startsWith(prefix)) return false
      const page: Page = { contact: port.name.slice(prefix.length), oldest: null, held: [] }
      pages.set(port, page)
      port.onDisconnect.addListener(() => pages.delete(port))
      void begin(port, page)
      return true
    },
    begin: () => {
      for (const [port, page] of pages) {
        page.held ??= []
        void begin(port, page)
      }
    },
    applied: ({ changes }) => {
      const news = new Map<string, MessageView[]>()
      for (const change of changes) {
        if (change.kind !== 'message') continue
        const { contact, ...message } = change.message
        news.set(contact, [...(news.get(contact) ?? []), viewOf(message)])
      }
      for (const [contact, changed] of news) post(contact, { changed })
    },
    written: (contact, entries) => post(contact, { changed: entries.map(viewOfEntry) }),
    forgotten: (contact, key) => post(contact, { changed: [], gone: [key] }),
    loadHistory: async (contact, waited) => {
      const kept = store()
      const shown = [...pages].filter(([, page]) => page.contact === contact && !page.held)
      if (!kept || shown.length === 0) return { ok: true }
      try {
        const replies = await Promise.all(shown.map(([port, page]) => loadOlder(port, page, kept, waited)))
        return replies.find(({ ok }) => !ok) ?? { ok: true }
      } catch {
        return {
          ok: false,
          why: 'unavailable',
          message: 'This browser cannot read what Reachable keeps at the moment. Try again.',
        }
      }
    },
    isShown: (contact) => [...seen.values()].includes(contact),
  }
}

const viewOf = ({ id, key, n, from, text, at }: StoredMessage): MessageView => ({
  n,
  key: key ?? id,
  from,
  text,
  at,
  delivery: 'sent',
})

const viewOfEntry = ({ key, n, text, at, refused }: OutboxEntry): MessageView => ({
  n,
  key,
  from: 'me',
  text,
  at,
  delivery: refused !== null ? { refused } : n === null ? 'waiting' : 'sent',
})
