import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import type { Calls } from '../../../server/calls/calls.ts'
import type { PlacedTo } from '../../../server/calls/people-calls.ts'
import type { CallRow } from '../../../server/database/call-tables.ts'
import type { Database } from '../../../server/database/tables.ts'
import { memoryDatabase } from '../people/memory-database.ts'
import { testClock } from '../support/test-clock.ts'
import { type BusEnd, busEnd, settle } from './calls-of-nodes.ts'
import {
  addPairs,
  callsAt,
  chooseStatus,
  deviceAt,
  endForCaller,
  type PersonDevice,
  relationChange,
} from './people-of-nodes.ts'
import { makeContacts } from './two-people.ts'

/** How many random schedules; `npm run prove` has a thousand. */
const numRuns = Number(process.env.TRUTH_SCHEDULES ?? 20)
const seed = process.env.TRUTH_SEED === undefined ? {} : { seed: Number(process.env.TRUTH_SEED) }

const people = ['ann', 'ben'] as const
const acts = [
  ...['place', 'place', 'place', 'both', 'both', 'again', 'answer', 'answer', 'decline', 'reply', 'cancel'],
  ...['drop', 'drop'],
  // With all their devices.
  ...['leave', 'leave', 'come', 'come-invisible', 'come-invisible'],
  ...[
    'lose',
    'gain',
    'block',
    'unblock',
    'remove',
    'befriend',
    'available',
    'invisible',
    'busy',
    'restart',
    'kill',
  ],
] as const

const step = fc.record({
  act: fc.constantFrom(...acts),
  who: fc.nat(1),
  which: fc.nat(3),
  /** What comes at the same moment, before anything of this has been done. */
  atOnce: fc.boolean(),
  after: fc.constantFrom(0, 0, 50, 300, 1_000, 5_000, 12_000, 30_000),
})

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

interface Node {
  readonly bus: BusEnd
  calls: Calls
  isDead: boolean
  readonly id: string | undefined
}

/** Ann and Ben, each with two devices, at one server or at two nodes, whatever becomes of these. */
async function run(db: Database, name: string, of: 1 | 2, steps: readonly Step[]): Promise<void> {
  const [shared, clock] = [createInProcessBus(), testClock()]
  let living: string[] = []
  const all: Node[] = []
  const start = (): Node => {
    const id = of === 1 ? undefined : `${name}-${all.length}`
    const bus = busEnd(shared)
    if (id !== undefined) living = [...living, id]
    const calls = callsAt({
      db,
      bus,
      clock,
      ...(id !== undefined && { node: id }),
      living: () => living,
      isDead: () => node.isDead,
    })
    const node: Node = { id, bus, calls, isDead: false }
    all.push(node)
    return node
  }
  const nodes: Node[] = Array.from({ length: of }, start)
  const devices: PersonDevice[] = people.flatMap((person) =>
    [0, 1].map((n) =>
      deviceAt(
        { bus: shared, calls: () => nodes[n % of]?.calls, node: nodes[n % of]?.id },
        person,
        `${person}-${n}`,
      ),
    ),
  )
  const keys = new Map<string, string>()
  const placing: Promise<unknown>[] = []
  const dropped: Promise<readonly [PlacedTo, 'cancelled' | 'over' | 'none'] | undefined>[] = []
  const running: Promise<unknown>[] = []
  const begin = (act: Promise<unknown> | undefined) => {
    if (act) running.push(act.catch(() => {}))
  }
  let count = 0

  const chosen = statusesOf(people)
  /** The calls that rang first with somebody who had been invisible since before they were asked. */
  const rangUnseen = new Set<string>()
  const rangAtAll = new Set<string>()
  for (const device of devices)
    device.onRing = (call) => {
      if (!rangAtAll.has(call) && chosen.isInvisible(device.userId)) rangUnseen.add(call)
      rangAtAll.add(call)
    }
  /** By call that is hidden: how much each device of its caller had been told before that. */
  const toldBefore = new Map<string, ReadonlyMap<string, number>>()
  const known = new Set<string>()
  const lookAtHidden = async () => {
    for (const { id, hidden } of await db.selectFrom('call').select(['id', 'hidden']).execute()) {
      if (hidden === 'invisible' && !toldBefore.has(id)) {
        const lengths = devices.map(
          ({ device, told }) => [device, known.has(id) ? (told.get(id)?.length ?? 0) : 0] as const,
        )
        toldBefore.set(id, new Map(lengths))
      }
      known.add(id)
    }
  }

  const other = (userId: string) => (userId === 'ann' ? 'ben' : 'ann')
  const callsOf = (device: PersonDevice): Calls | undefined => nodes[Number(device.device.at(-1)) % of]?.calls
  const place = (device: PersonDevice, isNew: boolean) => {
    count += isNew ? 1 : 0
    const key = isNew ? `${name} ${count}` : (keys.get(device.userId) ?? `${name} 0`)
    keys.set(device.userId, key)
    const placed = callsOf(device)?.placeTo(device.by(), { contact: other(device.userId), key })
    const byKey = placed?.then((one) => ({ one, key: `${device.userId} ${key}` }))
    if (byKey) placing.push(byKey.catch(() => undefined))
    begin(placed)
    return { key, placed }
  }
  /** Places a call and gives it up before it is answered. */
  const drop = (device: PersonDevice) => {
    const { key, placed } = place(device, true)
    const cancelled = callsOf(device)?.cancelPlaced(device.userId, key)
    begin(cancelled)
    if (placed && cancelled) dropped.push(Promise.all([placed, cancelled]).catch(() => undefined))
  }
  const restart = async (n: number, says: boolean) => {
    const old = nodes[n % of]
    if (!old) return
    if (says) await Promise.race([old.calls.stop().catch(() => {}), settle()])
    old.isDead = !says
    await settle()
    old.bus.cut()
    living = living.filter((id) => id !== old.id)
    const node = start()
    nodes[n % of] = node
    await node.calls.recover()
  }
  const settleAll = async () => {
    await settle()
    chosen.passed()
  }
  const choose = async (person: string, status: 'available' | 'invisible' | 'busy') => {
    begin(chosen.choose(person, status, chooseStatus({ db, clock }, person, status)))
    await settleAll()
  }
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      clock.advance(Math.min(left, 500))
      for (const { calls } of nodes) calls.tick()
      await settle()
      await lookAtHidden()
    }
  }

  for (const { act, who, which, atOnce, after } of steps) {
    const person = people[who] ?? 'ann'
    const device = devices.filter(({ userId }) => userId === person)[which % 2]
    const call = (await lastCalls(db, which % 3)).at(-1)?.id ?? ''
    await lookAtHidden()
    if (!device) continue
    const calls = callsOf(device)
    if (act === 'place') place(device, true)
    else if (act === 'again') place(device, false)
    else if (act === 'drop') drop(device)
    else if (act === 'both')
      for (const one of people) {
        const theirs = devices.filter(({ userId }) => userId === one)[(which + people.indexOf(one)) % 2]
        if (theirs) place(theirs, true)
      }
    else if (act === 'answer') begin(calls?.answer(device.by(), call))
    else if (act === 'decline') begin(calls?.decline(device.by(), call))
    else if (act === 'reply') begin(calls?.decline(device.by(), call, 'Later'))
    else if (act === 'cancel') begin(calls?.cancelPlaced(person, call))
    else if (act === 'lose' || act === 'gain') device[act]()
    else if (act === 'leave' || act === 'come' || act === 'come-invisible') {
      // As a device does: what was chosen without a connection is taken before it asks for a lease.
      if (act === 'come-invisible') await choose(person, 'invisible')
      for (const each of devices.filter(({ userId }) => userId === person))
        act === 'leave' ? each.lose() : each.gain()
    } else if (act === 'block' || act === 'unblock' || act === 'remove')
      begin(relationChange({ db, bus: shared, clock }, person, other(person), act))
    else if (act === 'befriend') begin(makeContacts(db, 'ann', 'ben'))
    else if (act === 'restart' || act === 'kill') await restart(which, act === 'restart')
    else begin(chosen.choose(person, act, chooseStatus({ db, clock }, person, act)))
    if (!atOnce) await settleAll()
    await pass(after)
  }
  // What a server that was killed began never ends.
  await Promise.race([Promise.all(running), settle()])
  await settle()
  await pass(120_000)
  for (const device of devices) await device.look()

  const rows = await db.selectFrom('call').selectAll().execute()
  // Whoever was connected to a server that was killed hears in the next welcome what is over.
  const isToldOver = of === 2 || !all.some(({ isDead }) => isDead)
  for (const row of rows) {
    outcomeIsOne(row, devices, isToldOver)
    isUnseenFrom(row, devices, toldBefore.get(row.id))
    if (rangUnseen.has(row.id)) isUnseenFrom(row, devices, new Map())
  }
  const ended = all.flatMap(({ calls }) => calls.counts().ended).reduce((sum, { count: n }) => sum + n, 0)
  expect(ended).toBe(rows.length)
  for (const { calls } of nodes) expect(calls.counts().active).toEqual({ placed: 0, ringing: 0, waiting: 0 })
  await keysMakeOne(placing)
  await droppedAreFound(dropped)
}

const lastCalls = (db: Database, back: number): Promise<Pick<CallRow, 'id'>[]> =>
  db
    .selectFrom('call')
    .select('id')
    .orderBy('at', 'desc')
    .limit(1 + back)
    .execute()

/** The row, its caller's devices and its callee's say the same of how it ended. */
function outcomeIsOne(row: CallRow, devices: readonly PersonDevice[], isToldOver: boolean): void {
  const { id, state, callerId, userId, hidden, callerDevice, byDevice, room } = row
  expect(['answered', 'declined', 'cancelled', 'missed']).toContain(state)
  for (const device of devices.filter((one) => one.userId === callerId)) {
    const told = device.told.get(id) ?? []
    const last = told.at(-1)
    expect(last).toMatchObject(endForCaller(row))
    // Over stays over.
    expect(
      told.filter(({ left, ...call }) =>
        ['answered', 'declined', 'cancelled', 'missed'].includes(call.state),
      ),
    ).toHaveLength(1)
    expect(last?.room).toBe(state === 'answered' && device.device === callerDevice ? room : null)
    // Until when somebody is busy is told with that alone.
    expect(told.filter((one) => one.busyUntil !== null && one.why !== 'busy')).toEqual([])
    expect(device.rang).not.toContain(id)
  }
  for (const device of devices.filter((one) => one.userId === userId)) {
    const over = device.over.filter(({ call }) => call === id)
    for (const one of over)
      if (!(hidden === 'blocked' && one.outcome === 'cancelled' && !one.here))
        expect([one.outcome, one.here]).toEqual([state, device.device === byDevice])
    if (isToldOver && device.rang.includes(id)) expect(over.length).toBeGreaterThan(0)
  }
  if (hidden === 'blocked') expect(['cancelled', 'missed']).toContain(state)
}

/** @param after how much each device had been told before its caller was not to learn of a ring; undefined where they may. */
function isUnseenFrom(
  { id, callerId, hidden }: CallRow,
  devices: readonly PersonDevice[],
  after: ReadonlyMap<string, number> | undefined,
): void {
  if (hidden === 'invisible') expect(after).toBeDefined()
  if (!after) return
  for (const { device, told } of devices.filter(({ userId }) => userId === callerId)) {
    const since = (told.get(id) ?? []).slice(after.get(device) ?? 0)
    expect(since.filter((one) => one.state === 'ringing' || one.ringsOn > 0)).toEqual([])
  }
}

/** What each of these has chosen, by what was written: of what is being chosen it is not known. */
function statusesOf(people: readonly string[]) {
  const all = new Map(people.map((person) => [person, { choosing: 0, isInvisible: false, isSince: false }]))
  return {
    /** Whether they have been invisible since before all that goes on now began. */
    isInvisible(person: string): boolean {
      const one = all.get(person)
      return one !== undefined && one.choosing === 0 && one.isInvisible && one.isSince
    },
    async choose(person: string, status: 'available' | 'invisible' | 'busy', written: Promise<void>) {
      const one = all.get(person)
      if (!one) return
      one.choosing += 1
      one.isSince = false
      try {
        await written
        one.isInvisible = status === 'invisible'
      } finally {
        one.choosing -= 1
      }
    },
    /** All that had begun is done. */
    passed() {
      for (const one of all.values()) one.isSince = one.choosing === 0
    },
  }
}

/** One key has made one call, whoever was told of it when. */
async function keysMakeOne(placing: readonly Promise<unknown>[]): Promise<void> {
  const ids = new Map<string, string>()
  for (const placed of (await Promise.all(placing.map((each) => Promise.race([each, settle()])))) as (
    | { one: { kind: string; call?: { id: string } }; key: string }
    | undefined
  )[]) {
    const id = placed?.one.call?.id
    if (placed === undefined || id === undefined) continue
    expect(ids.get(placed.key) ?? id).toBe(id)
    ids.set(placed.key, id)
  }
}

/** Whoever gave a call up by its key before it was written was not told that there is none. */
async function droppedAreFound(
  dropped: readonly Promise<readonly [PlacedTo, 'cancelled' | 'over' | 'none'] | undefined>[],
): Promise<void> {
  for (const one of await Promise.all(dropped.map((each) => Promise.race([each, settle()])))) {
    if (!one) continue
    const [placed, cancelled] = one
    expect([placed.kind, cancelled === 'none']).toEqual([placed.kind, placed.kind !== 'placed'])
  }
}

for (const of of [1, 2] as const) {
  const where =
    of === 1 ? 'one server, which stops and starts' : 'two nodes, of which any goes and others take over'
  test(`PL6.1 PL3.4 P5.9 in random schedules of two people who call each other, at ${where}, each call ends once and all hear the end that its row says`, async () => {
    const db = await memoryDatabase()
    await addPairs(db, [people])
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async (steps) => {
        runs += 1
        for (const table of ['call', 'accountEvent', 'contact', 'status', 'message', 'thread'] as const)
          await db.deleteFrom(table).execute()
        await makeContacts(db, 'ann', 'ben')
        await run(db, `r${of}-${runs}`, of, steps)
      }),
      { numRuns, ...seed },
    )
  }, 3_600_000)
}

const [first, second] = [0, 1]
const stepOf = (act: Step['act'], who: number, after: Step['after'] = 0): Step => ({
  ...{ act, who, after },
  ...{ which: 0, atOnce: false },
})

for (const of of [1, 2] as const)
  test(`PL3.2 PL6.1 a schedule in which once a caller was told that it rang with who had come back invisible, at ${of === 1 ? 'one server' : 'two nodes'}`, async () => {
    const db = await memoryDatabase()
    await addPairs(db, [people])
    const steps = [
      ...[stepOf('leave', second), stepOf('place', first, 1_000)],
      ...[stepOf('come-invisible', second, 5_000), stepOf('kill', first, 5_000)],
    ]
    await run(db, `unseen-${of}`, of, steps)
    expect(await db.selectFrom('call').select('hidden').execute()).toEqual([{ hidden: 'invisible' }])
  })

test('PL6.1 P5.9 a schedule in which once the devices of somebody invisible rang on, as their server stopped just after the call was cancelled', async () => {
  const db = await memoryDatabase()
  await addPairs(db, [people])
  const steps = [
    ...[stepOf('invisible', second), stepOf('place', first, 1_000)],
    ...[stepOf('cancel', first), stepOf('restart', first)],
  ]
  await run(db, 'cancelled', 1, steps)
})
