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
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      clock.advance(Math.min(left, 500))
      for (const { calls } of nodes) calls.tick()
      await settle()
    }
  }

  for (const { act, who, which, atOnce, after } of steps) {
    const person = people[who] ?? 'ann'
    const device = devices.filter(({ userId }) => userId === person)[which % 2]
    const call = (await lastCalls(db, which % 3)).at(-1)?.id ?? ''
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
    else if (act === 'block' || act === 'unblock' || act === 'remove')
      begin(relationChange({ db, bus: shared, clock }, person, other(person), act))
    else if (act === 'befriend') begin(makeContacts(db, 'ann', 'ben'))
    else if (act === 'restart' || act === 'kill') await restart(which, act === 'restart')
    else begin(chooseStatus({ db, clock }, person, act))
    if (!atOnce) await settle()
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
  for (const row of rows) outcomeIsOne(row, devices, isToldOver)
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
    if (hidden === 'invisible')
      expect(told.filter((one) => one.state === 'ringing' || one.ringsOn > 0)).toEqual([])
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

test('PL6.1 P5.9 a schedule in which once the devices of somebody invisible rang on, as their server stopped just after the call was cancelled', async () => {
  const db = await memoryDatabase()
  await addPairs(db, [people])
  const [ann, ben] = [0, 1]
  const step = (act: Step['act'], who: number, after: Step['after'] = 0): Step => ({
    ...{ act, who, after },
    ...{ which: 0, atOnce: false },
  })
  const steps = [step('invisible', ben), step('place', ann, 1_000), step('cancel', ann), step('restart', ann)]
  await run(db, 'cancelled', 1, steps)
})
