import { IDBFactory } from 'fake-indexeddb'
import { sql } from 'kysely'
import { pino } from 'pino'
import type { Instant } from '../../../entrypoints/background/clocks.ts'
import { type AccountStore, openAccountStore } from '../../../entrypoints/background/people/account-store.ts'
import { createAccountSync } from '../../../entrypoints/background/people/account-sync.ts'
import type { OutboxEntry, StoredMessage } from '../../../entrypoints/background/people/account-threads.ts'
import { createMessageOutbox } from '../../../entrypoints/background/people/message-outbox.ts'
import { createPeopleRequests } from '../../../entrypoints/background/people/people-requests.ts'
import { databaseNamed, type UseDatabase } from '../../../entrypoints/background/session/database.ts'
import {
  type DeviceMessage,
  parseDeviceMessage,
  parseServerMessage,
  type ServerMessage,
} from '../../../protocol/connection.ts'
import { insertUser } from '../../../server/accounts/user-rows.ts'
import type { Clock } from '../../../server/clock.ts'
import type { Database } from '../../../server/database/tables.ts'
import { messageItems } from '../../../server/messages/message-items.ts'
import { messageRequests } from '../../../server/messages/message-requests.ts'
import { peopleSnapshot } from '../../../server/people/account-snapshot.ts'
import { createEventFeed, type EventFeed } from '../../../server/people/event-feed.ts'
import type { PeopleHandlers } from '../../../server/people/people-requests.ts'
import { createRequests, type Requests } from '../../../server/people/requests.ts'

const log = pino({ level: 'silent' })

/** What can go wrong with the server's answer to a request: before it is done, or after. */
export type ServerFault = 'before' | 'after' | null

/** What can go wrong with a device's storage. */
export type StorageFault = 'before' | 'after' | 'stuck' | null

/** Whoever reads this waits for what was begun: nothing of the world waits for time but by its own clock. */
export async function settle(world: World): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    await new Promise((resolve) => setImmediate(resolve))
    quiet = world.underWay() === 0 ? quiet + 1 : 0
  }
}

/** Two people with their devices, a server with its database, and what is between them; all of it ours but the network. */
export interface World {
  readonly devices: readonly Device[]
  readonly people: readonly string[]
  readonly db: Database
  readonly restartServer: () => void
  /** How the next requests are answered. */
  readonly setFault: (fault: ServerFault) => void
  /** Whoever has not heard of what was until now has too old an idea. */
  readonly forgetEvents: () => Promise<void>
  readonly advance: (ms: number) => void
  readonly underWay: () => number
}

export interface Device {
  readonly person: number
  readonly name: string
  /** Its worker, if one lives. */
  readonly worker: () => Worker | null
  readonly start: () => void
  /** Nothing of what it was about to do is done. */
  readonly kill: () => void
  /** At the so-manieth of its next acts, before or after it, it is killed. */
  readonly killAt: (point: number | null) => void
  readonly points: () => number
  /**
   * `after` is a storage that has done what it says that it has not. `stuck` gives no answer: what it is asked for waits,
   * and is done in turn once it is stuck no more, whether or not somebody still waits for it.
   */
  readonly failStorage: (fails: StorageFault) => void
  /** Whoever has waited for a stuck storage for longest waits no more. */
  readonly giveUpStorage: () => void
  /** At the so-manieth of its next transactions it fails, and at no other. */
  readonly failStorageAt: (transaction: number, how: 'before' | 'after') => void
  readonly transactions: () => number
  /** What of it was written down, as whoever wrote it was told. */
  readonly written: readonly { readonly text: string; readonly to: string; readonly ok: boolean | null }[]
  /** What a worker said to the server although it had told its person that it is not written down. */
  readonly saidUnwritten: readonly string[]
  readonly write: (to: number, text: string) => void
  readonly read: (of: number) => void
  readonly connect: () => void
  /** Frames that are on their way are lost, or come late. */
  readonly cut: (how: 'lost' | 'late') => void
  readonly lease: () => void
  /** Lets the next frame arrive. `twice`: and again. */
  readonly toServer: (twice: boolean) => void
  readonly toDevice: (twice: boolean) => void
  readonly onItsWay: () => number
  /** What its worker was told to show of new messages since it started, each by its id. */
  readonly told: () => readonly string[]
  /** What a page that has been open since its worker started shows of the thread, each message by its id. */
  readonly page: () => readonly string[]
  readonly view: (of: number) => Promise<View>
}

export interface View {
  readonly messages: readonly StoredMessage[]
  readonly waiting: readonly OutboxEntry[]
}

interface Worker {
  readonly store: AccountStore
  readonly outbox: ReturnType<typeof createMessageOutbox>
  readonly sync: ReturnType<typeof createAccountSync>
  readonly requests: ReturnType<typeof createPeopleRequests>
  alive: boolean
  told: string[]
  page: string[]
}

/** One connection: what was said and has not arrived. */
interface Link {
  readonly number: number
  /** Whether the server still reads what comes, and whether the device does. */
  isServerOpen: boolean
  isDeviceOpen: boolean
  readonly up: string[]
  readonly down: string[]
}

interface Timer {
  readonly at: number
  readonly todo: () => void
}

/** @param db a database that other worlds use too: each has people of its own. */
export async function createWorld(db: Database, devicesOf: readonly number[]): Promise<World> {
  globalThis.indexedDB = new IDBFactory()
  let passed = 0
  let pending = 0
  const wall = () => 1_800_000_000_000 + passed
  const clock: Clock = { wall, monotonic: () => passed }
  const now = (): Instant => ({ mono: passed, wall: wall() })
  const timers = new Set<Timer>()

  const people = [await person(db, 'ann'), await person(db, 'ben')]
  const [ann = '', ben = ''] = people
  for (const [userId, otherId] of [
    [ann, ben],
    [ben, ann],
  ] as const)
    await db
      .insertInto('contact')
      .values({ userId, id: otherId, otherId, relation: 'contact', since: 1 })
      .execute()

  let fault: ServerFault = null
  let server = startServer()

  function startServer(): { readonly feed: EventFeed; readonly requests: Requests; isUp: boolean } {
    const feed = createEventFeed({ db, clock, log, parts: [peopleSnapshot, messageItems] })
    const started = { feed, isUp: true }
    const bus = {
      publish: (_: string, payload: unknown) => {
        const { until } = payload as { until: number }
        // Whom it is about is in the subject, and both people of this world are looked at.
        if (started.isUp && until > 0) for (const userId of people) void feed.look([userId]).catch(() => {})
      },
    }
    const handlers = messageRequests({ db, clock, bus })
    const requests = createRequests({ clock, log, handlers: faulty(handlers) })
    return Object.assign(started, { requests })
  }

  function faulty(
    handlers: PeopleHandlers<'send' | 'read' | 'history'>,
  ): PeopleHandlers<'send' | 'read' | 'history'> {
    const failing =
      <A extends readonly unknown[], R>(handle: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        const how = fault
        if (how === 'before') throw new Error('nothing can be written')
        const result = await handle(...args)
        if (how === 'after') throw new Error('whether it was written is not known')
        return result
      }
    return { send: failing(handlers.send), read: failing(handlers.read), history: handlers.history }
  }

  const after = (ms: number, todo: () => void) => {
    const timer = { at: passed + ms, todo }
    timers.add(timer)
    return () => void timers.delete(timer)
  }

  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    pending += 1
    try {
      return await work()
    } finally {
      pending -= 1
    }
  }

  const never = new Promise<never>(() => {})
  const devices = devicesOf.map((person, place): Device => {
    const userId = people[person] ?? ''
    const contactId = people[1 - person] ?? ''
    const name = `device ${place} of ${person}`
    const inDatabase = databaseNamed(name)
    const written: { text: string; to: string; ok: boolean | null; by: Worker }[] = []
    const saidUnwritten: string[] = []
    let worker: Worker | null = null
    let link: Link | null = null
    /** Those that were cut and on which something still arrives. */
    let late: Link[] = []
    let links = 0
    let failing: StorageFault = null
    /** What a stuck storage was asked for, the oldest first: to do it, and to wait for it no more. */
    let stuck: { readonly go: () => void; readonly giveUp: () => void }[] = []
    /** How many of them, the oldest, nobody waits for any more. */
    let givenUp = 0
    let points = 0
    let transactions = 0
    let failAt: { readonly transaction: number; readonly how: 'before' | 'after' } | null = null
    let killAt: number | null = null

    /** Something is about to be done, or was: here it may die. */
    const point = (by: Worker): boolean => {
      if (!by.alive) return false
      points += 1
      if (killAt !== null && points >= killAt) {
        killAt = null
        kill()
      }
      return by.alive
    }

    const storageOf =
      (by: Worker): UseDatabase =>
      (use) =>
        failing === 'stuck'
          ? new Promise((resolve, reject) => {
              stuck.push({
                go: () => void usingStorage(by, use).then(resolve, reject),
                giveUp: () => reject(new Error('the storage gives no answer')),
              })
            })
          : usingStorage(by, use)

    const usingStorage = <T>(by: Worker, use: Parameters<typeof inDatabase<T>>[0]): Promise<T> =>
      counted(async () => {
        if (!point(by)) return 'dead' as const
        transactions += 1
        const how = failAt?.transaction === transactions ? failAt.how : failing
        if (how === 'before') throw new Error('the storage takes nothing')
        const result = await inDatabase(use)
        if (!point(by)) return 'dead' as const
        if (how === 'after') throw new Error('the storage took too long')
        return { result }
      }).then((done) => (done === 'dead' ? never : done.result))

    const send = (by: Worker) => (number: number, message: DeviceMessage) => {
      if (!point(by)) return
      if (message.type === 'request' && message.request.what === 'send') {
        const { text } = message.request
        if (written.some((one) => one.by === by && one.text === text && one.ok === false))
          saidUnwritten.push(text)
      }
      if (link?.number === number && link.isDeviceOpen) link.up.push(JSON.stringify(message))
      point(by)
    }

    function start(): void {
      if (worker) return
      const own: Worker = { alive: true, told: [], page: [] } as unknown as Worker
      const later = (ms: number, todo: () => void) => after(ms, () => own.alive && todo())
      const store = openAccountStore(userId, storageOf(own))
      const requests = createPeopleRequests({ send: send(own), after: later, isHopeful: () => false })
      const outbox = createMessageOutbox({
        store,
        ask: requests.askOn,
        changed: () => {},
        threadChanged: () => {},
        now,
        later,
      })
      const load = async (): Promise<number | null> => {
        for (;;)
          try {
            const content = await store.load()
            const { messages } = await store.readThread(contactId, null, 10_000)
            own.page = messages.map(({ id }) => id)
            if (own.alive) outbox.restore(content)
            return content.cursor
          } catch {
            await new Promise<void>((resolve) => later(1_000, resolve))
          }
      }
      const sync = createAccountSync({
        store,
        loaded: load(),
        send: send(own),
        after: later,
        kept: () => {},
        caughtUp: () => {},
        applied: (applied, anew) => {
          if (!own.alive) return
          const news = applied.changes.flatMap((change) =>
            change.kind === 'message' ? [change.message.id] : [],
          )
          if (!anew) own.told.push(...news)
          own.page = anew ? news : [...own.page, ...news]
          outbox.applied(applied)
        },
      })
      worker = Object.assign(own, { store, outbox, sync, requests })
    }

    function kill(): void {
      if (!worker) return
      worker.alive = false
      worker.outbox.stop()
      worker.sync.stop()
      worker = null
      stuck = []
      givenUp = 0
      cut('lost')
    }

    function cut(how: 'lost' | 'late'): void {
      const all = [...late, ...(link ? [link] : [])]
      const lost = how === 'lost' ? all : []
      late = how === 'lost' ? [] : all
      for (const one of lost) end(one)
      link = null
      worker?.requests.connection(null)
    }

    const leaving = new Map<Link, () => void>()
    function end(over: Link): void {
      over.isServerOpen = false
      over.isDeviceOpen = false
      over.up.length = 0
      over.down.length = 0
      leaving.get(over)?.()
      leaving.delete(over)
    }

    function connect(): void {
      if (!worker || link) return
      links += 1
      link = { number: links, isServerOpen: true, isDeviceOpen: true, up: [], down: [] }
      worker.sync.welcomed(link.number)
      worker.requests.connection(link.number)
    }

    const feedConnections = new WeakMap<Link, ReturnType<typeof feedConnection>>()
    const feedConnection = (of: Link) => ({
      get open() {
        return of.isServerOpen
      },
      sendFrame: (frame: string) => void of.down.push(frame),
      drained: async () => {},
    })

    function arriveAtServer(of: Link, frame: string): void {
      if (!of.isServerOpen || !server.isUp) return
      const parsed = parseDeviceMessage(frame)
      if (parsed.kind !== 'message') throw new Error(`the server does not take ${frame.slice(0, 100)}`)
      const { message } = parsed
      const at = server
      if (message.type === 'sync') {
        const connection = feedConnections.get(of) ?? feedConnection(of)
        feedConnections.set(of, connection)
        at.feed.sync(userId, connection, message.after)
        leaving.set(of, () => at.feed.leave(userId, connection))
      } else if (message.type === 'request')
        void counted(() =>
          at.requests({ userId, device: name, connection: `${name} ${of.number}` }, message.request),
        ).then(({ kind, ...answer }) => {
          if (of.isServerOpen && at.isUp)
            of.down.push(JSON.stringify({ type: kind, n: message.n, ...answer }))
        })
    }

    function arriveAtDevice(of: Link, frame: string): void {
      if (!worker || !of.isDeviceOpen) return
      const parsed = parseServerMessage(frame)
      if (parsed.kind !== 'message') throw new Error(`a device does not take ${frame.slice(0, 100)}`)
      const message: ServerMessage = parsed.message
      if (message.type === 'events' || message.type === 'reset') worker.sync.heard(of.number, message)
      else if (message.type === 'done' || message.type === 'refused') worker.requests.answered(message)
    }

    /** The oldest connection on which something is on its way that way. */
    const busy = (way: 'up' | 'down'): Link | undefined =>
      [...late, ...(link ? [link] : [])].find((of) => of[way].length > 0)

    const step = (way: 'up' | 'down', twice: boolean) => {
      const of = busy(way)
      const frame = of?.[way].shift()
      if (!of || frame === undefined) return
      const arrive = way === 'up' ? arriveAtServer : arriveAtDevice
      arrive(of, frame)
      if (twice) arrive(of, frame)
      const over = late.filter(({ up, down }) => up.length + down.length === 0)
      for (const one of over) end(one)
      late = late.filter((one) => !over.includes(one))
    }

    return {
      person,
      name,
      worker: () => worker,
      start,
      kill,
      killAt: (at) => {
        points = 0
        killAt = at
      },
      points: () => points,
      failStorage: (fails) => {
        failing = fails
        if (fails === 'stuck') return
        const waiting = stuck
        stuck = []
        givenUp = 0
        for (const { go } of waiting) go()
      },
      giveUpStorage: () => {
        stuck[givenUp]?.giveUp()
        givenUp = Math.min(givenUp + 1, stuck.length)
      },
      failStorageAt: (transaction, how) => {
        failAt = { transaction, how }
      },
      transactions: () => transactions,
      written,
      saidUnwritten,
      write: (to, text) => {
        if (!worker) return
        const entry: (typeof written)[number] = { text, to: people[to] ?? '', ok: null, by: worker }
        written.push(entry)
        const { outbox } = worker
        void counted(() =>
          Promise.race([
            outbox.send(entry.to, text).then(
              () => {
                entry.ok = true
              },
              () => {
                entry.ok = false
              },
            ),
            // Whoever is killed answers nothing.
            new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve))),
          ]),
        )
      },
      read: (of) => {
        const { worker: reader } = { worker }
        if (!reader) return
        void reader.store
          .readThread(people[of] ?? '', null, 1_000)
          .then(({ messages }) => reader.outbox.read(people[of] ?? '', messages.at(-1)?.n ?? 0))
          .catch(() => {})
      },
      connect,
      cut,
      lease: () => {
        if (worker && link) worker.outbox.leased(link.number)
      },
      toServer: (twice) => step('up', twice),
      toDevice: (twice) => step('down', twice),
      onItsWay: () =>
        [...late, ...(link ? [link] : [])].reduce((sum, { up, down }) => sum + up.length + down.length, 0),
      told: () => worker?.told ?? [],
      page: () => worker?.page ?? [],
      view: async (of) => {
        const contact = people[of] ?? ''
        // What the device keeps, whether or not a worker lives.
        const store = openAccountStore(userId, inDatabase)
        const { messages } = await store.readThread(contact, null, 10_000)
        const { outbox } = await store.load()
        return { messages, waiting: outbox.filter((entry) => entry.contact === contact) }
      },
    }
  })

  return {
    devices,
    people,
    db,
    setFault: (wanted) => {
      fault = wanted
    },
    restartServer: () => {
      server.isUp = false
      for (const device of devices) device.cut('lost')
      server = startServer()
    },
    forgetEvents: async () => {
      await db.deleteFrom('accountEvent').where('userId', 'in', people).execute()
    },
    advance: (ms) => {
      passed += ms
      for (const timer of [...timers])
        if (timer.at <= passed) {
          timers.delete(timer)
          timer.todo()
        }
    },
    underWay: () => pending,
  }
}

let names = 0
async function person(db: Database, name: string): Promise<string> {
  names += 1
  const username = `${name}-${names}-${process.pid}`
  return insertUser(
    db,
    { username, name, email: `${username}@clinic.example`, emailVerified: true },
    1_800_000_000_000,
  )
}

/** What a disk has to hear of is no part of these tests. */
export const hurry = (db: Database) => sql`pragma synchronous = off`.execute(db)
