import { beforeEach, expect, test } from 'vitest'
import type { ServerMessage } from '../../../protocol/connection.ts'
import { mostContacts } from '../../../protocol/people.ts'
import type { PresenceMessage } from '../../../server/bus/presence-message.ts'
import type { Json } from '../../../server/json.ts'
import type { ContactToWatch, ReadContacts, Whom } from '../../../server/people/watching/watcher.ts'
import { openWatching, type Watching } from '../../../server/people/watching/watching.ts'

type Frame = Extract<ServerMessage, { type: 'presence' }>

/** More than this is never waiting to leave to a device that reads slowly, in bytes: some frames, far below what cuts it off. */
const mostWaiting = 100_000

let now: number
let frames: Frame[]
let backlog: number
let mostBacklog: number
let asked: string[]
let handlers: Map<string, (payload: Json) => unknown>
let listener: (isConnected: boolean) => void
let isConnected: boolean
let rows: ContactToWatch[]
let reads: (readonly [Whom, readonly string[] | undefined])[]
let read: ReadContacts
let watching: Watching

const open = (hasOthers = false) =>
  openWatching({
    clock: { monotonic: () => now, wall: () => 1_800_000_000_000 + now },
    log: { error: () => {} },
    hasOthers,
    read: (...of) => read(...of),
    bus: {
      get isConnected() {
        return isConnected
      },
      subscribe(subject, handler) {
        handlers.set(subject, handler)
        return () => void handlers.delete(subject)
      },
      publish: (subject) => void asked.push(subject),
      onConnection(told) {
        listener = told
        return () => {}
      },
    },
  })

beforeEach(() => {
  now = 100_000
  frames = []
  backlog = 0
  mostBacklog = 0
  asked = []
  handlers = new Map()
  isConnected = true
  rows = []
  reads = []
  read = (_, whom, among) => {
    reads.push([whom, among && [...among]])
    return rows.filter(({ userId }) => !among || among.has(userId))
  }
  watching = open()
  now += 30_000
})

const connection = {
  id: 'c',
  open: true,
  get backlog() {
    return backlog
  },
  send(message: ServerMessage) {
    if (message.type !== 'presence') return
    frames.push(message)
    backlog += JSON.stringify(message).length
    mostBacklog = Math.max(mostBacklog, backlog)
  },
}

const contact = (userId: string, more: Partial<ContactToWatch> = {}): ContactToWatch => ({
  userId,
  status: { status: 'available', until: null },
  isHidden: false,
  ...more,
})

const pass = (ms: number) => {
  for (let left = ms; left > 0; left -= 100) {
    now += Math.min(left, 100)
    watching.tick()
  }
}

function tell(userId: string, part: Partial<PresenceMessage & { kind: 'leases' }> = {}): void {
  const whole = {
    kind: 'leases',
    node: 'n',
    isWatched: true,
    leases: [{ left: 15_000, idle: false }],
    ...part,
  }
  handlers.get(`presence.${userId}`)?.(whole as unknown as Json)
}

const told = () =>
  frames.splice(0).map(({ whole, of }) => [whole, ...of.map(({ contact, sees }) => `${contact} ${sees}`)])

test('PW2.6 PW2.1 of 5,000 contacts a device that reads slowly is told as it has room, and of each what is so by then', () => {
  rows = Array.from({ length: mostContacts }, (_, n) => contact(`u${n}`))
  watching.watch(connection, 'ann', 1, 'all')
  for (const { userId } of rows) tell(userId)
  let most = 0
  const seen = new Map<string, string>()
  // It takes 20 kB in a tenth of a second.
  for (let rounds = 0; rounds < 600; rounds += 1) {
    now += 100
    watching.tick()
    for (const { of } of frames) most = Math.max(most, of.length)
    for (const { of } of frames.splice(0)) for (const one of of) seen.set(one.contact, one.sees)
    backlog = Math.max(0, backlog - 20_000)
    // Meanwhile all go on, and half go away.
    if (rounds % 100 === 50 && rounds < 300) for (const { userId } of rows) tell(userId)
    if (rounds === 350) for (const { userId } of rows.slice(0, 2_500)) tell(userId, { leases: [] })
    if (rounds === 400) for (const { userId } of rows.slice(2_500)) tell(userId)
  }
  expect(most).toBe(200)
  expect(mostBacklog).toBeLessThan(mostWaiting)
  expect([...seen.values()].filter((sees) => sees === 'offline').length).toBe(mostContacts)
})

test('PW2.1 what changes within a second of a frame is told together, and what was told is not told again', () => {
  rows = [contact('ben'), contact('carl')]
  watching.watch(connection, 'ann', 1, 'all')
  tell('ben')
  pass(100)
  expect(told()).toEqual([[true, 'ben available', 'carl offline']])
  tell('carl')
  tell('ben', { leases: [] })
  pass(600)
  expect(told()).toEqual([])
  tell('ben', { leases: [{ left: 9_000, idle: true }] })
  pass(200)
  expect(told()).toEqual([[false, 'carl available', 'ben away']])
  pass(2_000)
  // After a while without a word the next is told in the next tenth of a second.
  tell('carl', { leases: [] })
  tell('ben', { leases: [{ left: 6_800, idle: true }] })
  pass(100)
  expect(told()).toEqual([[false, 'carl offline']])
})

test('PW2.4 who hides and holds a lease delays nothing that is told of others', () => {
  const delays = (beats: boolean): number[] => {
    frames = []
    backlog = 0
    handlers = new Map()
    watching = open()
    now += 30_000
    rows = [contact('hides', { isHidden: true }), contact('ben')]
    watching.watch(connection, 'ann', 1, 'all')
    pass(3_000)
    return Array.from({ length: 40 }, (_, n) => {
      for (let tenths = 0; tenths < 37 + n; tenths += 1) {
        if (beats && tenths % 7 === 0) tell('hides')
        pass(100)
      }
      told()
      backlog = 0
      const from = now
      tell('ben', { leases: [{ left: 1e9, idle: n % 2 === 0 }] })
      while (frames.length === 0 && now < from + 5_000) pass(100)
      return now - from
    })
  }
  const still = delays(false)
  expect(delays(true)).toEqual(still)
  expect(Math.max(...still)).toBe(100)
})

test('PW2.2 nobody is told of whom the rows are being read again, whatever is said of their leases', async () => {
  rows = [contact('ben'), contact('carl')]
  watching.watch(connection, 'ann', 1, 'all')
  tell('ben')
  pass(1_000)
  told()
  const slow = Promise.withResolvers<readonly ContactToWatch[]>()
  read = () => slow.promise
  watching.related('ann', 'ben')
  tell('ben', { leases: [{ left: 9_000, idle: true }] })
  tell('carl')
  pass(2_000)
  expect(told()).toEqual([[false, 'carl available']])
  // Ben has removed Ann.
  slow.resolve([])
  await slow.promise
  tell('ben')
  pass(2_000)
  expect(told()).toEqual([])
  expect(handlers.has('presence.ben')).toBe(false)
})

test('PW2.2 what cannot be read is read again after a second, and held back until then', () => {
  rows = [contact('ben')]
  watching.watch(connection, 'ann', 1, 'all')
  tell('ben')
  pass(1_000)
  told()
  const readable = read
  read = () => {
    throw new Error('the database is gone')
  }
  rows = [contact('ben', { isHidden: true })]
  watching.related('ann', 'ben')
  read = readable
  tell('ben', { leases: [{ left: 9_000, idle: true }] })
  pass(900)
  expect(told()).toEqual([])
  pass(1_000)
  expect(told()).toEqual([[false, 'ben offline']])
})

test('PW2.2 what nobody said is found within half a minute', () => {
  rows = [contact('ben')]
  watching.watch(connection, 'ann', 1, 'all')
  tell('ben', { leases: [{ left: 90_000, idle: false }] })
  pass(1_000)
  told()
  rows = [contact('ben', { status: { status: 'away', until: null } })]
  pass(28_000)
  expect(told()).toEqual([])
  pass(3_000)
  expect(told()).toEqual([[false, 'ben away']])
})

test('PW2.1 a device that watches anew again and again has everything read twice a second at most, and is told of its newest', () => {
  rows = [contact('ben')]
  for (let n = 1; n <= 20; n += 1) watching.watch(connection, 'ann', n, n % 2 === 0 ? 'all' : ['ben'])
  expect(reads).toHaveLength(1)
  pass(1_000)
  expect(reads).toHaveLength(2)
  expect(frames.map(({ n, whole }) => [n, whole])).toEqual([[20, true]])
})

test('PW2.7 of several nodes each is asked, again where none has answered, and every half a minute; one that came later at once', () => {
  watching = open(true)
  now += 30_000
  rows = [contact('ben'), contact('carl')]
  watching.watch(connection, 'ann', 1, 'all')
  // Who has their devices, and who their seat in a room.
  expect(asked.splice(0)).toEqual(['ring.ben', 'presence.ben', 'ring.carl', 'presence.carl'])
  tell('ben')
  pass(300)
  // Nobody knows yet whether Carl has no lease.
  expect(told()).toEqual([[true, 'ben available', 'carl unknown']])
  pass(800)
  expect(asked.splice(0).toSorted()).toEqual(['ring.ben', 'ring.carl'])
  pass(1_700)
  expect(told()).toEqual([[false, 'carl offline']])
  tell('ben', { node: 'other', isWatched: false })
  expect(asked.splice(0)).toEqual(['ring.ben'])
  // One node is gone with its lease; the other is there still.
  tell('ben', { node: 'n', leases: [] })
  pass(1_000)
  expect(
    told()
      .flat()
      .some((one) => String(one).startsWith('ben') && one !== 'ben available'),
  ).toBe(false)
  pass(31_000)
  expect(asked.filter((one) => one === 'ring.carl')).toHaveLength(1)
})

test('PW2.3 a bus that is lost makes everybody unknown, and its return has all asked and read anew', () => {
  watching = open(true)
  now += 30_000
  rows = [contact('ben'), contact('carl')]
  watching.watch(connection, 'ann', 1, 'all')
  tell('ben')
  pass(3_000)
  told()
  asked = []
  reads = []
  isConnected = false
  listener(false)
  pass(1_000)
  expect(told()).toEqual([[false, 'ben unknown', 'carl unknown']])
  isConnected = true
  asked = []
  listener(true)
  expect(asked.toSorted()).toEqual(['presence.ben', 'presence.carl', 'ring.ben', 'ring.carl'])
  expect(reads).toEqual([['all', undefined]])
  tell('ben')
  pass(3_000)
  expect(told()).toEqual([
    [false, 'ben available'],
    [false, 'carl offline'],
  ])
})

test('PW2.1 once its connection is gone nobody is watched by it', () => {
  rows = [contact('ben')]
  watching.watch(connection, 'ann', 1, 'all')
  expect([handlers.size, watching.watched]).toEqual([1, 1])
  watching.forget('c')
  expect([handlers.size, watching.watched]).toEqual([0, 0])
  pass(60_000)
  expect(frames).toEqual([])
})
