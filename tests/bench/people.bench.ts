import { randomUUID } from 'node:crypto'
import type { Worker } from 'playwright'
import { expect, test } from 'vitest'
import type { ServerMessage } from '../../protocol/connection.ts'
import type { Database } from '../../server/database/tables.ts'
import { openChromiumDevice } from '../support/chromium/open-chromium-device.ts'
import { addPerson, ann } from '../support/server/add-person.ts'
import { type Server, startServer } from '../support/server/start-server.ts'
import { signIn } from '../support/sign-in.ts'
import { befriend, openPeople } from '../support/two-people.ts'
import { figuresOf, milliseconds, quantile } from './figure.ts'
import { launchFleet } from './load/launch-fleet.ts'
import { type LoadPerson, openLoadPerson } from './load/load-person.ts'
import { production } from './load/probed-server.ts'
import { addSignedInPeople, type SignedInPerson, withDatabase } from './load/signed-in-people.ts'
import { benchSizes } from './options.ts'

const { devices, calls: counted } = benchSizes()
/** So many others are connected, who do nothing but send heartbeats. */
const others = Math.min(1_000, devices)
/** So many pairs write to and watch each other: each person may write once a second. */
const pairs = 50
const messagesPerSecond = 20
const changesPerSecond = 10
/** What is measured in the browser, so many times. */
const inBrowser = Math.min(100, counted)
/** The first ones meet code that has never run. */
const uncounted = 20
const aims = { notified: { p50: 20, p99: 100 }, seen: 1_200 }
/** What takes longer, in ms, is an error. */
const longest = 30_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const idsOf = async (db: Database): Promise<ReadonlyMap<string, string>> => {
  const rows = await db.selectFrom('user').select(['id', 'username']).execute()
  return new Map(rows.flatMap(({ id, username }) => (username === null ? [] : [[username, id] as const])))
}

/** Waits for what it is told of by a name, and when that came. */
function awaiting() {
  const heard = new Map<string, (at: number) => void>()
  return {
    hear(name: string, at: number): void {
      heard.get(name)?.(at)
      heard.delete(name)
    },
    of: (name: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${name} did not come within ${longest} ms`)),
          longest,
        )
        heard.set(name, (at) => {
          clearTimeout(timer)
          resolve(at)
        })
      }),
  }
}

/** Does something at a steady rate and at no fixed beat, however long each takes. @returns what each gave. */
async function atRate<T>(times: number, perSecond: number, act: (n: number) => Promise<T>): Promise<T[]> {
  const began = performance.now()
  const done: Promise<T>[] = []
  for (let n = 0; n < times; n += 1) {
    const due = began + ((n + Math.random()) * 1_000) / perSecond
    await pause(Math.max(0, due - performance.now()))
    done.push(act(n))
  }
  return Promise.all(done)
}

interface Pair {
  readonly writer: LoadPerson
  readonly reader: LoadPerson
  readonly writerId: string
  readonly readerId: string
}

const writes = awaiting()
const sights = awaiting()

/** What a device that reads and watches hears, with when. */
const note = (message: ServerMessage): void => {
  const at = performance.now()
  if (message.type === 'events')
    for (const { change } of message.events)
      if (change.kind === 'message' && change.message.from === 'them') writes.hear(change.message.text, at)
  if (message.type === 'presence')
    for (const { contact, sees } of message.of) sights.hear(`${contact} ${sees}`, at)
}

async function openPairs(server: Server, people: readonly SignedInPerson[]): Promise<readonly Pair[]> {
  const chosen = Array.from({ length: pairs }, (_, n) => [people[2 * n], people[2 * n + 1]] as const)
  for (const pair of chosen)
    await befriend(
      server,
      pair.flatMap((one) => one ?? []),
    )
  const ids = await withDatabase(server.dataDir, idsOf)
  return Promise.all(
    chosen.map(async ([one, other]) => {
      if (!one || !other) throw new Error('there are too few people')
      const [writer, reader] = await Promise.all([
        openLoadPerson(server.url, one),
        openLoadPerson(server.url, other, { onMessage: note }),
      ])
      reader.watch()
      return {
        writer,
        reader,
        writerId: ids.get(one.username) ?? '',
        readerId: ids.get(other.username) ?? '',
      }
    }),
  )
}

type Figures = ReturnType<typeof figuresOf>

function tell(figures: Figures, what: string, times: readonly number[], aim: { p50?: number; p99?: number }) {
  figures.add(`${what}, p50 of ${times.length}`, quantile(times, 0.5), milliseconds, aim.p50)
  figures.add(`${what}, p99`, quantile(times, 0.99), milliseconds, aim.p99)
  figures.add(`${what}, slowest`, Math.max(...times), milliseconds)
}

test(`messages and presence among ${others} others`, { timeout: 1_800_000 }, async (context) => {
  const figures = figuresOf(context)
  const server = await startServer(production)
  const people = await addSignedInPeople(server.dataDir, 2 * pairs + others)
  await launchFleet(server.url, people.slice(2 * pairs))
  const all = await openPairs(server, people)
  const pairOf = (n: number): Pair => {
    const pair = all[n % all.length]
    if (!pair) throw new Error('there are no pairs')
    return pair
  }

  const write = async (n: number): Promise<number> => {
    const { writer, readerId } = pairOf(n)
    const text = `Message ${n}`
    const came = writes.of(text)
    const began = performance.now()
    const answer = await writer.ask({ what: 'send', contact: readerId, key: randomUUID(), text })
    if (answer.type !== 'done') throw new Error(answer.message)
    return (await came) - began
  }
  const messages = await atRate(uncounted + counted, messagesPerSecond, write)
  tell(
    figures,
    'a message, from its sending to its event at the other’s device',
    messages.slice(uncounted),
    aims.notified,
  )

  const chosen = all.map(() => 0)
  const change = async (n: number): Promise<number> => {
    const { writer, writerId } = pairOf(n)
    const place = n % all.length
    chosen[place] = (chosen[place] ?? 0) + 1
    const status = (chosen[place] ?? 0) % 2 === 1 ? 'away' : 'available'
    const seen = sights.of(`${writerId} ${status}`)
    const began = performance.now()
    const answer = await writer.ask({ what: 'set-status', status, until: null })
    if (answer.type !== 'done') throw new Error(answer.message)
    return (await seen) - began
  }
  const changes = await atRate(uncounted + counted, changesPerSecond, change)
  tell(figures, 'a contact’s status, from its choice to the watching device', changes.slice(uncounted), {
    p99: aims.seen,
  })

  const ends = await atRate(all.length, changesPerSecond, async (n) => {
    const { writer, writerId } = pairOf(n)
    const seen = sights.of(`${writerId} offline`)
    const began = performance.now()
    writer.close()
    return (await seen) - began
  })
  tell(figures, 'a contact’s end, from the end of its connection to the watching device', ends, {
    p99: aims.seen,
  })
})

declare const chrome: { readonly notifications: { create: (...given: never[]) => Promise<string> } }

/** Notes when each notification was asked for, which the browser shows by then. */
const noteNotices = (worker: Worker) =>
  worker.evaluate(() => {
    const { notifications } = chrome
    const create = notifications.create.bind(notifications)
    const noticed: number[] = []
    Object.assign(globalThis, { noticed })
    notifications.create = async (...given) => {
      const id = await create(...given)
      noticed.push(Date.now())
      return id
    }
  })

test(`the same in Chromium, among ${others} others`, { timeout: 1_800_000 }, async (context) => {
  const figures = figuresOf(context)
  const server = await startServer(production)
  const person = await addPerson(server, ann)
  const [contact, ...rest] = await addSignedInPeople(server.dataDir, 1 + others)
  if (!contact) throw new Error('there is no contact')
  await befriend(server, [person, contact])
  const ids = await withDatabase(server.dataDir, idsOf)
  await launchFleet(server.url, rest)
  const device = await openChromiumDevice()
  await signIn(device, server, person)
  const other = await openLoadPerson(server.url, contact)
  const name = `Person ${contact.username}`
  const [worker] = device.context.serviceWorkers()
  if (!worker) throw new Error('there is no worker')
  await noteNotices(worker)
  const noticed = () => worker.evaluate(() => (globalThis as unknown as { noticed: number[] }).noticed)

  const notices: number[] = []
  for (let n = 0; n < inBrowser; n += 1) {
    // No more than one person may send another (PM2.4).
    await pause(2_000 + Math.random() * 200)
    const began = Date.now()
    const to = ids.get(person.username) ?? ''
    await other.ask({ what: 'send', contact: to, key: randomUUID(), text: `Message ${n}` })
    await expect.poll(async () => (await noticed()).length, { timeout: longest }).toBe(n + 1)
    notices.push(((await noticed())[n] ?? Number.NaN) - began)
  }
  tell(
    figures,
    'a message, from its sending to its notification in Chromium',
    notices.slice(5),
    aims.notified,
  )

  const people = await openPeople(device, { name })
  await people.note()
  const sights: number[] = []
  for (let n = 0; n < inBrowser; n += 1) {
    await pause(300 + Math.random() * 1_000)
    const status = n % 2 === 0 ? 'away' : 'available'
    const began = Date.now()
    await other.ask({ what: 'set-status', status, until: null })
    const last = async () => (await people.noted(name)).at(-1)
    await expect.poll(async () => (await last())?.shown, { timeout: longest }).toBe(status)
    sights.push(((await last())?.at ?? Number.NaN) - began)
  }
  tell(figures, 'a contact’s status, from its choice to the popup in Chromium', sights.slice(5), {
    p99: aims.seen,
  })
})
