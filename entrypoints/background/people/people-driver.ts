import type { Ask, Command, Reply } from '../../../messages/commands.ts'
import {
  type PastCallView,
  type PeopleCommands,
  type PeopleReply,
  type PeopleState,
  type SeenAs,
  threadPort,
} from '../../../messages/people.ts'
import type { DeviceMessage, ServerMessage } from '../../../protocol/connection.ts'
import {
  type AccountChange,
  type Contact,
  clinicThread,
  type ExpectedCall,
  longestMessage,
  mostAwaited,
  type PastCall,
} from '../../../protocol/people.ts'
import { seenAs } from '../../../protocol/seen-as.ts'
import { backoffSpan } from '../backoff.ts'
import type { Instant } from '../clocks.ts'
import type { After } from '../timer.ts'
import {
  type AccountContent,
  type AccountStore,
  type Applied,
  forgetOthers,
  openAccountStore,
} from './account-store.ts'
import { type AccountSync, createAccountSync } from './account-sync.ts'
import type { Thread } from './account-threads.ts'
import { createCallReminders } from './call-reminders.ts'
import { clinicName, createContactList } from './contact-list.ts'
import { createContactPresenceDriver } from './contact-presence-driver.ts'
import { expectedViews } from './expected-calls.ts'
import { createMachineIdle } from './machine-idle.ts'
import { createMessageOutbox, type MessageOutbox } from './message-outbox.ts'
import { createOwnStatus } from './own-status.ts'
import {
  notifyOfPeople,
  type PeopleNotice,
  withdrawAllPeopleNotices,
  withdrawPeopleNotice,
  withdrawPeopleNotices,
} from './people-notification.ts'
import { createPeopleRequests, replyOf } from './people-requests.ts'
import { createPlacedCalls } from './placed-calls.ts'
import type { Port } from './port.ts'
import { createPeopleStore } from './stored-people.ts'
import { createPlacedCallStore } from './stored-placed-calls.ts'
import { createThreadPorts } from './thread-ports.ts'

/** What the server says of people. */
export type PeopleServerMessage = Extract<
  ServerMessage,
  { type: 'events' | 'reset' | 'done' | 'refused' | 'presence' | 'placed-call' }
>

/** `waited`: so many ms of the time in which it is to be answered are over. */
export type PeopleHandlers = {
  readonly [C in keyof PeopleCommands & Command]: (
    ask: Ask<C>,
    waited?: number,
  ) => Reply<C> | Promise<Reply<C>>
}

/** How the device's connection stands: proven by a lease, about to be, or neither. */
export interface PeopleConnection {
  readonly number: number | null
  readonly light: 'reachable' | 'checking' | 'unreachable'
}

export interface PeopleDriver {
  /** Null where the server knows nothing of people, or it is not known yet who is signed in. */
  readonly now: () => PeopleState | null
  /** Whether a call lasts that was placed here. */
  readonly isCalling: () => boolean
  /** A connection was welcomed: whose it is, and what its server knows besides. */
  readonly welcomed: (connection: number, account: string, features: readonly string[]) => void
  /** How the connection stands now; said at each change, and as often as you like. */
  readonly connectionChanged: (connection: PeopleConnection) => void
  /** A heartbeat is to go that may bring a first lease, by which contacts see the person: it waits for what they chose. */
  readonly beforeShown: (prove: () => void) => void
  /** A heartbeat of this connection was answered by a lease. */
  readonly leased: (connection: number) => void
  readonly heard: (connection: number, message: PeopleServerMessage) => void
  /** What each command about people does. */
  readonly handlers: PeopleHandlers
  /** A page opens a line for a list. */
  readonly connect: (port: Port) => void
  readonly callWindowClosed: (key: string) => void
  /** Gives up the calls that were placed here: whoever logs out waits for nobody. */
  readonly giveUpCalls: () => void
  /** The person wants to see this thread: the popup that opens next shows it. */
  readonly wantThread: (contact: string) => void
  /** Something woke the worker, or the person has come or gone. */
  readonly woke: () => void
  /** Nobody is signed in. */
  readonly clear: () => void
  /** Takes up what an earlier worker kept; may be done again. Rejects when that cannot be read. */
  readonly restore: () => Promise<void>
}

interface Dependencies {
  readonly clocks: () => Instant
  readonly after: After
  readonly send: (connection: number, message: DeviceMessage) => void
  /** Whether a notification may name somebody. */
  readonly mayName: () => boolean
  readonly changed: () => void
}

/** Whose people these are, and what is known of them. */
interface Account {
  readonly id: string
  readonly store: AccountStore
  readonly sync: AccountSync
  readonly outbox: MessageOutbox
  readonly threads: Map<string, Thread>
  readonly expected: Map<string, ExpectedCall>
  /** What this device kept has been read. */
  loaded: boolean
  /** It has all that there is, as of some event. */
  known: boolean
  /** The server has told this worker what there was to tell. */
  caughtUp: boolean
  /** The browser could not read or write when that was tried last. */
  failing: boolean
}

const done = { ok: true } as const

type Failed = PeopleReply & { readonly ok: false }

const without: Failed = {
  ok: false,
  why: 'unavailable',
  message: 'This server knows nothing of contacts.',
}

/** Nobody has said yet whose contacts these are, nor whether the server knows of any. */
const tooEarly: Failed = {
  ok: false,
  why: 'unavailable',
  message: 'Reachable is starting and does not know your contacts yet. Try again in a moment.',
}

const noAnswer: Failed = {
  ok: false,
  why: 'unavailable',
  message: 'The server gave no such list. Try again.',
}

const notKept: PeopleReply = {
  ok: false,
  why: 'unavailable',
  message: 'This browser cannot keep anything at the moment, so nothing was done. Try again.',
}

const refused = (message: string): PeopleReply => ({ ok: false, why: 'refused', message })

/** Joins the parts that are about people. */
export function createPeopleDriver(dependencies: Dependencies): PeopleDriver {
  const { clocks, after, send, mayName, changed } = dependencies
  const stored = createPeopleStore()
  let account: Account | null = null
  /** The connections whose server speaks of people. */
  let speaking: readonly number[] = []
  let connection: PeopleConnection = { number: null, light: 'checking' }
  let awaited: readonly string[] = []
  let wantedThread: string | undefined
  let stopWanting = () => {}
  let callsVersion = 0
  /** The server that welcomed last knows nothing of people. */
  let isWithout = false
  let restored = false

  const wall = () => clocks().wall
  /** The connection on which people are spoken of now. */
  const current = () =>
    connection.number !== null && speaking.includes(connection.number) ? connection.number : null

  const requests = createPeopleRequests({ send, after, isHopeful: () => connection.light !== 'unreachable' })
  const presence = createContactPresenceDriver({
    clocks,
    after,
    send,
    changed: (contacts) => {
      list.touched(contacts)
      tellAwaited()
      if (account && contacts.includes(account.id)) changed()
    },
  })
  const list = createContactList({
    presenceOf: presence.of,
    unreadOf: (contact) => account?.threads.get(contact)?.unread ?? 0,
    isAwaited: (contact) => awaited.includes(contact),
    isKnown: () => account?.known ?? false,
    hasClinic: () => account?.threads.has(clinicThread) ?? false,
    after,
    shownChanged: watch,
  })
  const threads = createThreadPorts({
    store: () => account?.store ?? null,
    entriesOf: (contact) => account?.outbox.entriesOf(contact) ?? [],
    readOf: (contact) => {
      const { read: until = 0, newest = 0 } = account?.threads.get(contact) ?? {}
      return { until, newest }
    },
    history: (contact, before, waited) => requests.ask({ what: 'history', contact, before }, waited),
    historyKept: (applied) => {
      for (const thread of applied.threads) putThread(thread)
      account?.outbox.applied(applied)
      changed()
    },
    after,
  })
  const status = createOwnStatus({
    now: wall,
    after,
    requests,
    changed: () => {
      keep()
      reminders.look()
      changed()
    },
  })
  const placed = createPlacedCalls({ clocks, after, requests, store: createPlacedCallStore(), changed })
  const idle = createMachineIdle({ send, connections: () => speaking, changed })
  const reminders = createCallReminders({
    clocks,
    after,
    calls: () => (account?.loaded ? expectedNow(account) : null),
    mayName,
    keep,
    changed,
  })

  function keep(): void {
    if (account)
      stored.write({
        account: account.id,
        awaited: [...awaited],
        choice: status.choice(),
        reminded: [...reminders.told()],
      })
  }

  /** Begins with what this device kept of this account. */
  function open(id: string): Account {
    const store = openAccountStore(id)
    const loaded = load(store).then((content) => {
      if (account?.store === store) taken(content)
      return content.cursor
    })
    const opened: Account = {
      id,
      store,
      threads: new Map(),
      expected: new Map(),
      loaded: false,
      known: false,
      caughtUp: false,
      failing: false,
      sync: createAccountSync({
        store,
        loaded,
        send,
        after,
        kept: (isKept) => noteKept(store, isKept),
        applied: (applied, anew) => {
          if (account?.store === store) take(applied, anew)
        },
        caughtUp: () => {
          if (account?.store !== store) return
          account.caughtUp = true
          changed()
        },
      }),
      outbox: createMessageOutbox({
        store,
        ask: requests.askOn,
        changed: (contact, entries) => threads.written(contact, entries),
        threadChanged: (thread) => {
          putThread(thread)
          changed()
        },
        now: clocks,
        later: after,
      }),
    }
    void forgetOthers(id, wall()).catch(() => {})
    return opened
  }

  /** What is kept, as soon as the browser can read it. */
  async function load(store: AccountStore): Promise<AccountContent> {
    for (let failures = 0; ; failures += 1) {
      const content = await store.load().catch(() => null)
      noteKept(store, content !== null)
      if (content) return content
      await new Promise<void>((resolve) => after(backoffSpan(failures), resolve))
    }
  }

  function noteKept(store: AccountStore, isKept: boolean): void {
    if (account?.store !== store || account.failing === !isKept) return
    account.failing = !isKept
    changed()
  }

  /** What was kept is read. */
  function taken(content: AccountContent): void {
    if (!account) return
    account.loaded = true
    account.known = content.cursor !== null
    for (const thread of content.threads) account.threads.set(thread.contact, thread)
    for (const call of content.expected) account.expected.set(call.id, call)
    list.replace(content.contacts)
    status.told(content.status)
    account.outbox.restore(content)
    threads.begin()
    // An earlier worker may have died between keeping something and telling of it, or taking back what it told.
    for (const thread of content.threads) noticeThread(thread)
    if (content.cursor !== null) withdrawOthers()
    reminders.look()
    changed()
  }

  function close(): void {
    account?.sync.stop()
    account?.outbox.stop()
    account = null
    awaited = []
    reminders.clear()
    status.clear()
    placed.clear()
    requests.clear()
    list.replace([])
    watch()
  }

  /** What the server told and is kept now. */
  function take(applied: Applied, anew: boolean): void {
    if (!account) return
    const earlier = new Map(anew ? list.all().map((contact) => [contact.id, contact] as const) : [])
    if (anew) {
      account.known = true
      account.threads.clear()
      account.expected.clear()
      const contacts = applied.changes.flatMap((change) =>
        change.kind === 'contact' ? [change.contact] : [],
      )
      list.replace(contacts)
      status.told(
        applied.changes.flatMap((one) => (one.kind === 'status' ? [one.status] : [])).at(-1) ?? null,
      )
    }
    for (const thread of applied.threads) putThread(thread)
    for (const change of applied.changes) {
      if (change.kind === 'contact') {
        const { contact } = change
        const before = anew ? earlier.get(contact.id) : list.get(contact.id)
        if (!anew) list.put(contact)
        noticeAsking(contact, before, { tells: applied.isFirst !== true, withdraws: !anew })
      } else takeChange(change, anew)
    }
    account.outbox.applied(applied)
    if (anew) threads.begin()
    else threads.applied(applied)
    for (const thread of applied.threads) noticeThread(thread)
    if (anew) withdrawOthers()
    awaited = awaited.filter((id) => list.get(id)?.relation === 'contact')
    keep()
    watch()
    reminders.look()
    changed()
  }

  function takeChange(change: Exclude<AccountChange, { kind: 'contact' }>, anew: boolean): void {
    switch (change.kind) {
      case 'status':
        if (!anew) status.told(change.status)
        break
      case 'contact-gone':
        list.remove(change.id)
        account?.threads.delete(change.id)
        for (const about of ['asks', 'message', 'reachable'] as const) withdraw(about, change.id)
        break
      case 'expected':
        if (change.expected.gone) account?.expected.delete(change.expected.id)
        else account?.expected.set(change.expected.id, change.expected)
        break
      case 'calls':
        callsVersion += 1
        break
      case 'message':
      case 'read':
        // Told by its thread.
        break
      default:
        change satisfies never
    }
  }

  function putThread(thread: Thread): void {
    const before = account?.threads.get(thread.contact)
    account?.threads.set(thread.contact, thread)
    list.touched([thread.contact])
    if (thread.unread === 0 && before && before.unread > 0) withdraw('message', thread.contact)
  }

  /** Who asks is told once, and taken back once that is answered. */
  function noticeAsking(
    { id, name, relation }: Contact,
    before: Contact | undefined,
    { tells, withdraws }: { readonly tells: boolean; readonly withdraws: boolean },
  ): void {
    const asked = before?.relation === 'asks'
    if (relation === 'asks' && !asked && tells) notify({ about: 'asks', contact: id, name })
    if (relation !== 'asks' && asked && withdraws) withdraw('asks', id)
  }

  /** A message is told once, and not to whoever is busy or looks at its thread. */
  function noticeThread(thread: Thread): void {
    const { contact, newest, notified, unread } = thread
    if (!account || newest <= notified) return
    const from = list.get(contact)
    const name = contact === clinicThread ? clinicName : from?.relation === 'contact' ? from.name : null
    const quiet = status.now()?.chosen === 'busy' || threads.isShown(contact)
    if (unread > 0 && name !== null && !quiet) notify({ about: 'message', contact, name })
    account.threads.set(contact, { ...thread, notified: newest })
    void account.store.markNotified(contact, newest).catch(() => {})
  }

  const notify = (notice: Parameters<typeof notifyOfPeople>[0]): void =>
    void notifyOfPeople(notice, mayName()).catch(() => {})
  const withdraw = (about: Parameters<typeof withdrawPeopleNotice>[0]['about'], contact: string): void =>
    void withdrawPeopleNotice({ about, contact }).catch(() => {})
  /** Of each notification it is asked once whether it holds: all of them may be of another state of the account. */
  const withdrawOthers = (): void => void withdrawPeopleNotices((notice) => !holds(notice)).catch(() => {})

  function holds({ about, contact }: Pick<PeopleNotice, 'about' | 'contact'>): boolean {
    switch (about) {
      case 'asks':
        return list.get(contact)?.relation === 'asks'
      case 'message':
        return (account?.threads.get(contact)?.unread ?? 0) > 0
      case 'reachable':
        return list.get(contact)?.relation === 'contact'
      case 'expected':
        // Its own part takes it back.
        return true
      default:
        return about satisfies never
    }
  }

  /** Asks for the presence of all while somebody looks, else of those who are waited for. */
  function watch(): void {
    presence.want(list.isShown() ? 'all' : awaited)
  }

  /** Who is waited for and can be reached is told once. */
  function tellAwaited(): void {
    const here = awaited.filter((id) => {
      const { kind } = presence.of(id)
      return kind === 'available' || kind === 'away'
    })
    if (here.length === 0) return
    awaited = awaited.filter((id) => !here.includes(id))
    keep()
    for (const contact of here) notify({ about: 'reachable', contact, name: list.get(contact)?.name ?? '' })
    list.touched(here)
    watch()
  }

  function expectedNow({ expected }: Account): PeopleState['expected'] {
    const own = status.now()
    const standing = {
      proven: connection.light === 'reachable',
      busyUntil: own?.chosen === 'busy' ? own.until : null,
      ringsThrough: (contact: string) => list.get(contact)?.ringsThrough ?? false,
    }
    return expectedViews(expected.values(), standing, wall())
  }

  function wantThread(contact: string | undefined): void {
    stopWanting()
    wantedThread = contact
    if (contact !== undefined) stopWanting = after(wantedFor, () => wantThread(undefined))
    changed()
  }

  function welcomed(number: number, id: string, features: readonly string[]): void {
    speaking = speaking.filter((other) => other === connection.number)
    isWithout = !features.includes('people')
    if (isWithout) {
      if (account) close()
      stored.write(null)
      spread()
      return
    }
    if (account && account.id !== id) close()
    if (!account) {
      account = open(id)
      keep()
    }
    speaking = [...speaking.filter((other) => other !== number), number]
    account.sync.welcomed(number)
    idle.welcomed(number)
    spread()
  }

  /** Tells the parts on which connection they are. */
  function spread(): void {
    const number = current()
    const leased = connection.light === 'reachable'
    requests.connection(number)
    status.connection(number)
    placed.connection({ number, leased: leased && number !== null })
    presence.ownLease(leased ? number : null)
  }

  function ownSight(): SeenAs {
    if (connection.light !== 'reachable' || current() === null || !account) return 'unknown'
    const { kind } = presence.of(account.id)
    if (kind !== 'unknown' && kind !== 'checking') return kind
    // Whether another device is used is known to the server alone.
    if (!idle.isActive()) return 'unknown'
    const own = status.now()
    // What the server has not heard of nobody sees; what they see in its place it alone knows. So it does whether somebody
    // who is available is in a call, maybe on another device.
    if (!own?.confirmed || own.chosen === 'available') return 'unknown'
    const { chosen, until } = own
    return seenAs({ status: { status: chosen, until }, devices: [{ idle: false }], inCall: false }, wall())
      .sees
  }

  function stateOf(owner: Account): PeopleState {
    const contacts = list.all()
    // What stands in no list could never be read away.
    const isListed = ({ contact }: Thread) =>
      contact === clinicThread || list.get(contact)?.relation === 'contact'
    const unread = [...owner.threads.values()].filter((thread) => thread.unread > 0 && isListed(thread))
    const mayBeMoreUnread = unread.some(({ more, oldest, read }) => more && oldest > read + 1)
    return {
      status: status.now(),
      seenAs: ownSight(),
      asking: contacts
        .filter(({ relation }) => relation === 'asks')
        .sort((a, b) => a.since - b.since)
        .map(list.view),
      unread: unread.reduce((sum, thread) => sum + thread.unread, 0),
      ...(mayBeMoreUnread && { mayBeMoreUnread }),
      callsVersion,
      placed: placed.now(),
      expected: expectedNow(owner),
      ...(!owner.caughtUp && { catchingUp: true }),
      ...(owner.failing && { notKept: true }),
      ...(wantedThread !== undefined && { wantedThread }),
    }
  }

  const notKnown = (): Failed => (isWithout ? without : tooEarly)

  /** What only the server can do, where there is one that can. */
  const asked = async (...asking: Parameters<typeof requests.ask>): Promise<PeopleReply> =>
    account ? replyOf(await requests.ask(...asking)) : notKnown()

  const handlers: PeopleHandlers = {
    'set-status': ({ status: chosen, until }, waited) =>
      account ? status.choose(chosen, chosen === 'busy' ? until : null, waited) : notKnown(),
    'ask-contact': ({ login }, waited) => asked({ what: 'ask-contact', login: login.trim() }, waited),
    'answer-contact': (ask, waited) => asked({ what: 'answer-contact', ...ask }, waited),
    'change-contact': (ask, waited) => asked({ what: 'change-contact', ...ask }, waited),
    'await-contact': ({ contact, on }) => {
      if (!account) return notKnown()
      if (on && list.get(contact)?.relation !== 'contact') return refused('This is no contact of yours.')
      const others = awaited.filter((id) => id !== contact)
      if (on && others.length >= mostAwaited)
        return refused(`You can wait for ${mostAwaited} contacts at most. End one of the others first.`)
      awaited = on ? [...others, contact] : others
      keep()
      list.touched([contact])
      watch()
      tellAwaited()
      return done
    },
    'call-contact': ({ contact }) => ({
      ok: true,
      key: placed.place(contact, list.get(contact)?.name ?? ''),
    }),
    'cancel-placed-call': ({ key }, waited) => placed.cancel(key, waited),
    'open-room': ({ key }) => placed.openRoom(key),
    'send-message': async ({ contact, text, key }) => {
      if (!account) return notKnown()
      const trimmed = text.trim()
      if (trimmed === '') return refused('Write something first.')
      if (trimmed.length > longestMessage)
        return refused(`A message has at most ${longestMessage} characters. Shorten it.`)
      return await account.outbox.send(contact, trimmed, key).then(
        () => done,
        () => notKept,
      )
    },
    'resend-message': async ({ contact, key, forget }) => {
      if (!account) return notKnown()
      try {
        await (forget ? account.outbox.forget(key) : account.outbox.sendAgain(key))
      } catch {
        return notKept
      }
      if (forget) threads.forgotten(contact, key)
      return done
    },
    'thread-read': async ({ contact, until }) => {
      // What cannot be kept is marked again when the thread is shown again.
      await account?.outbox.read(contact, until).catch(() => {})
      return done
    },
    'load-history': ({ contact }, waited) => threads.loadHistory(contact, waited),
    'keep-message-draft': async ({ contact, text }) => {
      if (!account) return notKnown()
      return await account.store.keepDraft(contact, text).then(
        () => done,
        () => notKept,
      )
    },
    'list-calls': async ({ before }, waited) => {
      if (!account) return notKnown()
      const answer = await requests.ask({ what: 'calls', before }, waited)
      if (answer.kind !== 'done' || answer.result.what !== 'calls') {
        const reply = replyOf(answer)
        return reply.ok ? noAnswer : reply
      }
      return { ok: true, calls: answer.result.calls.map(viewOfPast), more: answer.result.more }
    },
    'expect-call': (ask, waited) => asked({ what: 'expect-call', ...ask }, waited),
    'cancel-expected': ({ expected }, waited) => asked({ what: 'cancel-expected', expected }, waited),
  }

  return {
    now: () => account && stateOf(account),
    isCalling: placed.last,
    welcomed,
    connectionChanged: (next) => {
      connection = next
      // Of those before it nothing counts any more; one that was opened after it is to take its place.
      speaking = speaking.filter((number) => next.number !== null && number >= next.number)
      spread()
      reminders.look()
    },
    beforeShown: status.beforeShown,
    leased: (number) => {
      if (speaking.includes(number) && number === current()) account?.outbox.leased(number)
    },
    heard: (number, message) => {
      if (!speaking.includes(number)) return
      switch (message.type) {
        case 'events':
        case 'reset':
          account?.sync.heard(number, message)
          break
        case 'done':
        case 'refused':
          requests.answered(message)
          break
        case 'presence':
          presence.heard(number, message)
          break
        case 'placed-call':
          placed.told(number, message.call)
          break
        default:
          message satisfies never
      }
    },
    handlers,
    connect: (port) => {
      if (list.connect(port)) return
      threads.connect(port)
      // It is shown now.
      if (wantedThread !== undefined && port.name === threadPort(wantedThread)) wantThread(undefined)
    },
    callWindowClosed: placed.windowClosed,
    giveUpCalls: placed.giveUp,
    wantThread,
    woke: () => {
      void idle.look()
      reminders.look()
    },
    clear: () => {
      close()
      isWithout = false
      stored.write(null)
      // Of an account too that an earlier worker had no time to forget.
      void forgetOthers(null, wall()).catch(() => {})
      void withdrawAllPeopleNotices().catch(() => {})
    },
    restore: async () => {
      const [found] = await Promise.all([stored.read(), placed.restore()])
      if (restored) return
      restored = true
      if (!found || account) return
      account = open(found.account)
      awaited = found.awaited
      reminders.restore(found.reminded)
      status.restore(found.choice)
      watch()
    },
  }
}

/** Who opens the popup so much later, in ms, wants something else. */
const wantedFor = 30_000

const viewOfPast = (call: PastCall): PastCallView => ({
  id: call.id,
  direction: call.direction,
  contact: call.contact,
  name: call.name,
  at: call.at,
  how: call.state,
  why: call.why,
  here: call.here,
  blocked: call.blocked ?? false,
})
