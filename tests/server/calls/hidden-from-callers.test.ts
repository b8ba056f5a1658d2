import { once } from 'node:events'
import { expect, test } from 'vitest'
import type { ServerMessage } from '../../../protocol/connection.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { idOf, settle } from '../support/people.ts'
import type { WebSocketDevice } from '../support/websocket-device.ts'
import { kolmogorovSmirnov, kolmogorovSmirnovBound } from './kolmogorov-smirnov.ts'
import { ask, call, comeBack, makeContacts, relate, syncedDevice } from './two-people.ts'

/** How many calls, over all kinds of callee. */
const calls = Number(process.env.PRIVATE_CALLS ?? 240)

const kinds = [
  ...(['offline', 'invisible', 'invisible-without-device', 'blocked'] as const),
  // What they had chosen before stays with them.
  ...(['offline-busy', 'invisible-after-busy', 'blocked-busy', 'blocked-busy-without-device'] as const),
] as const
type Kind = (typeof kinds)[number]

const person = (name: string): NewAccount => ({
  username: name,
  email: `${name}@clinic.example`,
  name,
  password: 'Correct-horse-7',
})

/** Everybody who is called has a name of one length. */
const callees: Readonly<Record<Kind | 'beside', NewAccount>> = {
  offline: person('callee-a'),
  invisible: person('callee-b'),
  'invisible-without-device': person('callee-c'),
  blocked: person('callee-d'),
  'offline-busy': person('callee-f'),
  'invisible-after-busy': person('callee-g'),
  'blocked-busy': person('callee-h'),
  'blocked-busy-without-device': person('callee-i'),
  beside: person('callee-e'),
}

/** Whose device rings once its person was called. */
const rung = ['invisible', 'invisible-after-busy'] as const

/** What the caller sees of one call, and how long each thing took, in ms. */
interface Seen {
  readonly frames: readonly string[]
  readonly delays: Readonly<Record<(typeof measured)[number], number>>
}
const measured = ['placed', 'waiting', 'cancel', 'cancelled', 'frames'] as const

/** A frame but for what is another's in each call, all of it as long as that. */
function alike(message: ServerMessage, of: { readonly contact: string; readonly name: string }): string {
  return JSON.stringify(message)
    .replaceAll(of.contact, 'C'.repeat(of.contact.length))
    .replaceAll(of.name, 'N'.repeat(of.name.length))
    .replaceAll(/"id":"[0-9a-f-]{36}"/g, '"id":"I"')
    .replaceAll(/"(at|left|n)":\d+/g, (_, field: string) => `"${field}":0`)
    .replaceAll(/"key":"[^"]{22}"/g, '"key":"K"')
}

async function watched() {
  const server = await startInProcessServer()
  const [ann, carl] = [person('ann'), person('carl')]
  await settle(server, ann, carl, ...Object.values(callees))
  const db = await server.db()
  const [annId, carlId] = [await idOf(server, ann.email), await idOf(server, carl.email)]
  const ids = new Map<string, string>()
  for (const [kind, { email }] of Object.entries(callees)) {
    const id = await idOf(server, email)
    ids.set(kind, id)
    await makeContacts(db, kind === 'beside' ? carlId : annId, id)
    if (kind.includes('busy')) {
      const until = server.clock.wall() + 3 * 86_400_000
      await db.insertInto('status').values({ userId: id, status: 'busy', until, revision: 1 }).execute()
    }
    if (kind.startsWith('invisible') || kind === 'beside') {
      const invisible = { status: 'invisible', until: null, revision: 2 } as const
      await db
        .insertInto('status')
        .values({ userId: id, ...invisible })
        .onConflict((conflict) => conflict.column('userId').doUpdateSet(invisible))
        .execute()
    }
    if (kind.startsWith('blocked')) await relate(db, [id, annId], { relation: 'blocked', before: 'contact' })
  }
  const [anns, carls] = [await syncedDevice(server, ann, 'anns'), await syncedDevice(server, carl, 'carls')]
  const ringing = new Map<Kind, WebSocketDevice>()
  for (const kind of rung) ringing.set(kind, await comeBack(server, callees[kind], kind))
  const silent: WebSocketDevice[] = []
  for (const kind of ['blocked', 'blocked-busy'] as const)
    silent.push(await comeBack(server, callees[kind], kind))
  const beside = await comeBack(server, callees.beside, 'beside')
  const everybody = [anns, carls, ...ringing.values(), ...silent, beside]
  // As a device does whose person sees it.
  for (const device of [...ringing.values(), beside])
    device.socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ServerMessage
      if (message.type === 'ring') device.send({ type: 'rings', call: message.call.id })
    })
  return { server, ids, anns, carls, ringing, silent, beside, everybody }
}

/** The moment of the first message that `is` so, from among those that come from now on. */
async function momentOf(device: WebSocketDevice, from: number, is: (message: ServerMessage) => boolean) {
  for (let at = from; ; ) {
    for (; at < device.received.length; at += 1) {
      const message = device.received[at]
      if (message && is(message)) return performance.now()
    }
    await once(device.socket, 'message')
  }
}

let keys = 0

/** Ann calls, hears what she is told, and gives up after whoever is to be rung has been. */
async function callOnce(all: Awaited<ReturnType<typeof watched>>, kind: Kind): Promise<Seen> {
  const { server, ids, anns, carls, beside, everybody } = all
  const contact = ids.get(kind) ?? ''
  // So that nobody calls too fast, and all keep their leases.
  server.clock.advance(5_500)
  await Promise.all(everybody.map((device) => device.lease()))
  const from = anns.received.length
  const ringing = all.ringing.get(kind)
  const rungBefore = ringing?.received.length ?? 0
  keys += 1
  const n = 1_000_000 + keys
  const key = `key-${String(keys).padStart(18, '0')}`
  const standsAs = (state: string) => (message: ServerMessage) =>
    message.type === 'placed-call' && message.call.contact === contact && message.call.state === state
  const answers = (message: ServerMessage) => message.type === 'done' && message.n === n
  const began = performance.now()
  anns.send({ type: 'request', n, request: { what: 'place-call', contact, key } })
  const [placedAt, waitingAt] = await Promise.all([
    momentOf(anns, from, answers),
    momentOf(anns, from, standsAs('waiting')),
  ])
  // Beside it, each time, another's call to somebody else who is invisible: once that rings, all ring that are to.
  const other = await call(carls, ids.get('beside') ?? '')
  const rang = beside.received.length
  server.clock.advance(250)
  await momentOf(beside, rang, ({ type }) => type === 'ring')
  if (ringing) await momentOf(ringing, rungBefore, ({ type }) => type === 'ring')
  await ask(carls, { what: 'cancel-call', call: other.id })
  const placed = anns.received.find(answers)
  const id = placed?.type === 'done' && placed.result.what === 'placed' ? placed.result.call.id : ''
  const between = anns.received.length
  const m = n + 1_000_000
  const gaveUp = performance.now()
  anns.send({ type: 'request', n: m, request: { what: 'cancel-call', call: id } })
  const [cancelAt, cancelledAt] = await Promise.all([
    momentOf(anns, between, (message) => message.type === 'done' && message.n === m),
    momentOf(anns, between, standsAs('cancelled')),
  ])
  const name = callees[kind].name
  const heard = anns.received.slice(from).filter(({ type }) => type === 'done' || type === 'placed-call')
  return {
    frames: heard.map((message) => alike(message, { contact, name })),
    delays: {
      placed: placedAt - began,
      waiting: waitingAt - began,
      cancel: cancelAt - gaveUp,
      cancelled: cancelledAt - gaveUp,
      frames: heard.length,
    },
  }
}

/** One in a thousand, over all comparisons. */
const level = 0.001 / (measured.length * (kinds.length - 1))

test('PL3.5 PL3.1 PL3.2 PL3.3 a caller cannot tell by frames or by their delays whether somebody is offline, invisible or has blocked them, whatever they had chosen before', async () => {
  const all = await watched()
  const seen = new Map<Kind, Seen[]>(kinds.map((kind) => [kind, []]))
  // What is called first is slower.
  for (const kind of kinds) await callOnce(all, kind)
  for (let round = 0; round < calls / kinds.length; round += 1)
    for (const kind of kinds.toSorted(() => Math.random() - 0.5))
      seen.get(kind)?.push(await callOnce(all, kind))

  const offline = seen.get('offline') ?? []
  const framesOf = (some: readonly Seen[]) => [...new Set(some.flatMap(({ frames }) => frames))].toSorted()
  const table: string[] = []
  for (const kind of kinds) {
    const some = seen.get(kind) ?? []
    expect([kind, framesOf(some)]).toEqual([kind, framesOf(offline)])
    if (kind === 'offline') continue
    for (const what of measured) {
      const [a, b] = [offline, some].map((each) => each.map(({ delays }) => delays[what]))
      const statistic = kolmogorovSmirnov(a ?? [], b ?? [])
      const bound = kolmogorovSmirnovBound(offline.length, some.length, level)
      table.push(`${kind} ${what}: D = ${statistic.toFixed(3)}, bound ${bound.toFixed(3)}`)
    }
  }
  if (process.env.PRIVATE_CALLS) console.log(`tried: ${calls} calls\n${table.join('\n')}`)
  for (const line of table) {
    const [, statistic, bound] = /D = (\S+), bound (\S+)/.exec(line) ?? []
    expect(Number(statistic), line).toBeLessThan(Number(bound))
  }
  // What was to ring rang, and nothing else.
  const rings = ({ received }: WebSocketDevice) => received.filter(({ type }) => type === 'ring').length
  expect(all.silent.map(rings)).toEqual([0, 0])
  for (const [kind, device] of all.ringing)
    expect(rings(device)).toBeGreaterThanOrEqual((seen.get(kind) ?? []).length)
}, 3_600_000)

test('PL3.5 the statistic tells two distributions apart of which one is later, and not two halves of one', () => {
  const sample = (later: number) => Array.from({ length: 500 }, () => Math.random() + later)
  const bound = kolmogorovSmirnovBound(500, 500, 0.000_001)
  expect(kolmogorovSmirnov(sample(0), sample(0))).toBeLessThan(bound)
  expect(kolmogorovSmirnov(sample(0), sample(0.3))).toBeGreaterThan(bound)
  expect(kolmogorovSmirnov([1, 2, 3], [1, 2, 3])).toBe(0)
  expect(kolmogorovSmirnov([1, 2], [3, 4])).toBe(1)
})
