import fc from 'fast-check'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { Bus, Handler } from '../../../server/bus/bus.ts'
import { type Hearing, openHearing } from '../../../server/nodes/hearing.ts'
import type { LookAtNodes, OtherNode } from '../../../server/nodes/node-record.ts'
import { nodeTiming } from '../../../server/nodes/node-timing.ts'

/** Time goes by in steps of so many ms. */
const step = 100
const feltWithin = 10_000

type Row = Pick<OtherNode, 'startedAt' | 'writtenAt' | 'unheard'>

interface SimulatedNode {
  readonly id: string
  readonly hearing: Hearing
  state: 'up' | 'frozen' | 'dead'
  part: number
  tick(): Promise<void>
  /** What comes while it stands still. */
  setBus(isConnected: boolean): void
}

/** Nodes with a table in memory, whose ways over the bus break as a test says; each does what it does at its own moments. */
function simulate() {
  let now = 0
  const table = new Map<string, Row>()
  const nodes = new Map<string, SimulatedNode>()
  const handlers = new Map<string, Handler>()
  const inboxes = new Map<string, { readonly at: number; readonly payload: { id: string } }[]>()

  const start = async (id: string, phase: number): Promise<SimulatedNode> => {
    const listeners = new Set<(isConnected: boolean) => void>()
    let isConnected = true
    let onLook: (look: LookAtNodes) => Promise<void> = async () => {}
    let unheard: readonly string[] | null = []
    const startedAt = now
    const living = (): OtherNode[] =>
      [...table].flatMap(([other, row]) => {
        const age = now - row.writtenAt
        return other === id || age > nodeTiming.deadAfter
          ? []
          : [{ ...row, id: other, age, draining: false, settings: null, tellsLeases: true }]
      })
    const write = () => table.set(id, { startedAt, writtenAt: now, unheard })
    const bus: Bus = {
      subscribe(_, handler) {
        handlers.set(id, handler)
        return () => {}
      },
      publish(_, payload) {
        const from = nodes.get(id)
        for (const [to, handle] of handlers) {
          const there = nodes.get(to)
          if (!isConnected || there?.state === 'dead' || (from && there && from.part !== there.part)) continue
          if (there?.state === 'frozen')
            inboxes.get(to)?.push({ at: now, payload: payload as { id: string } })
          else void handle(payload)
        }
      },
      flush: async () => {},
      request: () => {
        throw new Error('nobody asks')
      },
      get isConnected() {
        return isConnected
      },
      onConnection(listener) {
        listeners.add(listener)
        return () => {}
      },
      close: async () => {},
    }
    const record = {
      id,
      living,
      look: async () => {},
      onLook(listener: typeof onLook) {
        onLook = listener
        return () => {}
      },
      async sayUnheard(ids: readonly string[] | null) {
        unheard = ids
        const row = table.get(id)
        if (row) table.set(id, { ...row, unheard: ids })
      },
    }
    inboxes.set(id, [])
    const hearing = await openHearing({ bus, record, log: pino({ level: 'silent' }) })
    let next = { say: now, look: now + phase, write: now }
    const node: SimulatedNode = {
      id,
      hearing,
      state: 'up',
      part: 0,
      async tick() {
        if (now >= next.say) {
          next = { ...next, say: now + 1_000 }
          hearing.say()
        }
        if (now >= next.write) {
          next = { ...next, write: now + nodeTiming.writesEvery }
          write()
        }
        if (now < next.look) return
        next = { ...next, look: now + nodeTiming.looksEvery }
        await onLook({ startedAt, others: living() })
      },
      setBus(is) {
        if (is === isConnected) return
        isConnected = is
        for (const listener of listeners) listener(is)
      },
    }
    nodes.set(id, node)
    return node
  }

  return {
    start,
    nodes,
    async pass(ms: number, look: () => void = () => {}) {
      for (const end = now + ms; now < end; ) {
        now += step
        for (const node of nodes.values()) {
          if (node.state !== 'up') continue
          // First the timers, then what came.
          await node.tick()
          for (const { at, payload } of inboxes.get(node.id)?.splice(0) ?? [])
            if (now - at < 5_000) void handlers.get(node.id)?.(payload)
        }
        look()
      }
    },
  }
}

async function startAll(phases: readonly number[]) {
  const service = simulate()
  const all: SimulatedNode[] = []
  for (const [n, phase] of phases.entries()) {
    all.push(await service.start(`n${n}`, phase))
    await service.pass(300)
  }
  await service.pass(3_000)
  return { ...service, all }
}

const phases = fc.array(fc.nat(1_000), { minLength: 2, maxLength: 5 })
const fault = fc.record({
  kind: fc.constantFrom('dies', 'stands still', 'loses the bus'),
  which: fc.nat(4),
  after: fc.nat(12_000),
  lasts: fc.nat(20_000),
})

test('J5.2 nodes that die, stand still or lose the bus, in any order, cut off no other node for a moment', async () => {
  await fc.assert(
    fc.asyncProperty(phases, fc.array(fault, { minLength: 1, maxLength: 6 }), async (given, faults) => {
      const { all, pass } = await startAll(given)
      const isWell = new Set(all)
      const heal: { readonly node: SimulatedNode; left: number }[] = []
      const lookAll = () => {
        for (const node of isWell) expect(node.hearing.bus.isConnected, node.id).toBe(true)
        for (const one of heal) {
          one.left -= step
          if (one.left > 0 || one.node.state === 'dead') continue
          one.node.state = 'up'
          one.node.setBus(true)
        }
      }
      for (const { kind, which, after, lasts } of faults) {
        await pass(after, lookAll)
        const node = all[which % all.length]
        if (!node || node.state === 'dead') continue
        isWell.delete(node)
        if (kind === 'dies') node.state = 'dead'
        else {
          if (kind === 'stands still') node.state = 'frozen'
          else node.setBus(false)
          heal.push({ node, left: lasts })
        }
      }
      await pass(40_000, lookAll)
      for (const node of all) if (node.state === 'up') expect(node.hearing.bus.isConnected).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('J5.1 J5.2 of parts that do not hear one another one alone goes on within 10 s, and all do once they hear one another again', async () => {
  await fc.assert(
    fc.asyncProperty(phases, fc.array(fc.nat(2), { minLength: 5, maxLength: 5 }), async (given, parts) => {
      const { all, pass } = await startAll(given)
      for (const [n, node] of all.entries()) node.part = parts[n] ?? 0
      await pass(feltWithin)
      const sizeOf = (part: number) => all.filter((node) => node.part === part).length
      const largest = Math.max(...all.map(({ part }) => sizeOf(part)))
      const oldest = all.find(({ part }) => sizeOf(part) === largest)
      const goesOn = () => {
        for (const { part, hearing } of all) expect(hearing.bus.isConnected).toBe(part === oldest?.part)
      }
      goesOn()
      await pass(20_000, goesOn)
      for (const node of all) node.part = 0
      await pass(feltWithin)
      for (const { hearing } of all) expect(hearing.bus.isConnected).toBe(true)
    }),
    { numRuns: 60 },
  )
})
