import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Placed } from '../../../server/calls/calls.ts'
import type { Database } from '../../../server/database/tables.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { ann } from './ann.ts'
import { callsOfNodes, type DeviceOfNode, type NodeOfCalls, settle } from './calls-of-nodes.ts'

/** How many random schedules. */
const numRuns = Number(process.env.TRUTH_SCHEDULES ?? 25)

/** A node is found dead so long after its last write, in ms. */
const deadAfter = 10_000

const faults = [
  'kill',
  'drain',
  'freeze',
  'thaw',
  'cut',
  'mend',
  'lossy',
  'full',
  'no-database',
  'start',
] as const
const acts = ['place', 'place', 'place-again', 'answer', 'decline', 'cancel', 'lose', 'gain'] as const

const step = fc.record({
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...acts) },
    { weight: 2, arbitrary: fc.constantFrom(...faults) },
  ),
  which: fc.nat(5),
  other: fc.nat(5),
  waitFor: fc.constantFrom(0, 20),
  after: fc.constantFrom(0, 0, 50, 1_000, 2_500, 9_000, 25_000),
})

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

interface Held {
  readonly node: NodeOfCalls
  state: 'up' | 'frozen' | 'gone'
  /** When it stood still or died, in ms of the run; null while it writes. */
  silentSince: number | null
}

async function run(db: Database, name: string, steps: readonly Step[]) {
  const service = await callsOfNodes(db)
  const nodes: Held[] = []
  const devices: { readonly at: Held; readonly name: string; readonly device: DeviceOfNode }[] = []
  const placing: Promise<Placed | undefined>[] = []
  const heard = new Map<string, Map<NodeOfCalls, string>>()
  let [now, keys, quiet] = [0, 0, true]

  const start = () => {
    const id = `${name}-n${nodes.length}`
    const held: Held = { node: service.start(id), state: 'up', silentSince: null }
    nodes.push(held)
    const device = { at: held, name: `d-${id}`, device: service.device(held.node, `d-${id}`) }
    devices.push(device)
    for (const call of heard.keys()) follow(held.node, call)
  }
  const follow = (node: NodeOfCalls, call: string) => {
    const look = async () => {
      const row = await node.calls.get(call).catch(() => undefined)
      if (row) heard.get(call)?.set(node, row.state)
    }
    node.calls.onChange(call, () => void look())
    void look()
  }
  const up = () => nodes.filter(({ state }) => state === 'up')
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      now += Math.min(left, 1_000)
      for (const { node, silentSince } of nodes)
        if (silentSince !== null && now - silentSince > deadAfter) service.bury(node)
      service.pass(Math.min(left, 1_000))
      await settle()
    }
  }
  const silence = (held: Held, state: 'frozen' | 'gone') => {
    held.state = state
    held.silentSince ??= now
  }
  const thaw = (held: Held) => {
    if (held.state !== 'frozen') return
    held.state = 'up'
    held.silentSince = null
    service.revive(held.node)
    held.node.thaw()
  }
  const pick = <T>(some: readonly T[], which: number): T | undefined => some[which % some.length]

  start()
  start()
  for (const { kind, which, other, waitFor, after } of steps) {
    const held = pick(up(), which)
    const one = pick(devices, other)
    const call = pick([...heard.keys()], other)
    if (kind === 'start' || !held) start()
    else if (kind === 'place' || kind === 'place-again') {
      keys += kind === 'place' || keys === 0 ? 1 : 0
      const placed = held.node.calls.place({
        ...{
          to: 'ann',
          from: 'Dr Bell',
          waitFor,
          placedBy: `${name}-${keys % 2}`,
          idempotencyKey: `${name} ${keys}`,
        },
        callee: async () => ann,
      })
      placing.push(placed.catch(() => undefined))
    } else if (kind === 'kill') {
      held.node.kill()
      silence(held, 'gone')
    } else if (kind === 'drain') {
      await Promise.race([held.node.calls.letGo().catch(() => {}), settle()])
      await settle()
      held.node.kill()
      service.bury(held.node)
      silence(held, 'gone')
    } else if (kind === 'freeze') {
      quiet = false
      held.node.freeze()
      silence(held, 'frozen')
    } else if (kind === 'thaw') for (const frozen of nodes) thaw(frozen)
    else if (kind === 'cut' || kind === 'mend') {
      quiet = false
      held.node.bus[kind]()
    } else if (kind === 'lossy') {
      quiet = false
      let sent = which
      held.node.bus.loses = () => {
        sent += 1
        return sent % 3 === 0
      }
    } else if (kind === 'full') held.node.takesWrites = !held.node.takesWrites
    else if (kind === 'no-database') held.node.hasDatabase = !held.node.hasDatabase
    else if (kind === 'cancel' && call !== undefined) void held.node.calls.cancel(call).catch(() => {})
    else if (one && one.at.state === 'up') {
      const by = { userId: 'ann', device: one.name, connection: `${one.name}-0` }
      if ((kind === 'answer' || kind === 'decline') && call !== undefined)
        void one.at.node.calls[kind](by, call).catch(() => {})
      if (kind === 'lose') one.device.lose()
      if (kind === 'gain') one.device.gainLease()
    }
    await settle()
    for (const { id } of await service.db.selectFrom('call').select('id').execute())
      if (!heard.has(id)) {
        heard.set(id, new Map())
        for (const { node } of up()) follow(node, id)
      }
    await pass(after)
  }
  // All is mended, and there is a node: everything has to come right by itself.
  for (const held of nodes) {
    thaw(held)
    held.node.bus.loses = () => false
    held.node.takesWrites = true
    held.node.hasDatabase = true
    if (!held.node.bus.isConnected && held.state === 'up') held.node.bus.mend()
  }
  if (up().length === 0) start()
  await settle()
  await pass(90_000)

  const rows = await service.db.selectFrom('call').selectAll().execute()
  const counted = nodes
    .flatMap(({ node }) => node.calls.counts().ended)
    .reduce((sum, { count }) => sum + count, 0)
  for (const row of rows) {
    expect(['answered', 'declined', 'cancelled', 'missed']).toContain(row.state)
    expect(row.endedAt).not.toBeNull()
    for (const [node, last] of heard.get(row.id) ?? [])
      if (up().some((held) => held.node === node))
        expect([row.id, node.id, last]).toEqual([row.id, node.id, row.state])
    const told = devices.flatMap(({ device, name: by }) =>
      device.over.filter(({ call }) => call === row.id).map((over) => ({ ...over, by })),
    )
    for (const { outcome, here, by } of told)
      expect([outcome, here]).toEqual([row.state, by === row.byDevice])
    if (quiet)
      for (const { at, device } of devices)
        if (at.state === 'up' && device.rang.includes(row.id))
          expect(device.over.some(({ call }) => call === row.id)).toBe(true)
  }
  expect(counted).toBe(rows.length)
  for (const { node, state } of nodes)
    if (state === 'up') expect(node.calls.counts().active).toEqual({ placed: 0, ringing: 0, waiting: 0 })
  const placed = (await Promise.all(placing.map((each) => Promise.race([each, settle()])))).flatMap((each) =>
    each && 'row' in each ? each.row : [],
  )
  for (const { id } of placed) expect(rows.some((row) => row.id === id)).toBe(true)
  const byKey = new Map(placed.map(({ id, idempotencyKey }) => [idempotencyKey, id]))
  for (const { id, idempotencyKey } of placed) expect(byKey.get(idempotencyKey)).toBe(id)
  // What still waits for real time is not to take anything over in the next run.
  for (const { node } of nodes) node.kill()
  await service.db.deleteFrom('call').execute()
}

test('P6.9 in random schedules of nodes that die, stand still, drain and start, of messages that are lost and of databases that take no write or cannot be reached, no call is lost, doubled or answered twice, and all hear the same', async () => {
  const db = await openTestDatabase(temporaryFolder())
  let runs = 0
  const seed = process.env.TRUTH_SEED
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
      runs += 1
      await db.deleteFrom('call').execute()
      await run(db, `r${runs}`, steps)
    }),
    { numRuns, ...(seed !== undefined && { seed: Number(seed) }) },
  )
}, 3_600_000)
