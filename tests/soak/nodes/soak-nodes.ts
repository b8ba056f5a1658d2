import { seededRandom } from '../../extension/reachability/simulation/random.ts'
import { judge, type Verdict } from '../../support/nodes/ledger.ts'
import type { PostgresCluster } from '../../support/nodes/postgres.ts'
import { createPostgres } from '../../support/nodes/postgres-cluster.ts'
import {
  createNodes,
  type Nodes,
  type ServiceNode,
  startAgain,
  until,
} from '../../support/nodes/start-nodes.ts'
import { createCallPlans } from './call-plans.ts'
import { type Chronicle, noChronicle, storyOf } from './chronicle.ts'

export interface NodesSoakOptions {
  readonly calls: number
  /** The same seed breaks the same things for as long, and plans the same calls. */
  readonly seed: number
  readonly perSecond: number
  readonly people: number
  /** Milliseconds: how long all is well between two faults at most, and how long one lasts at most. */
  readonly wellFor: number
  readonly faultFor: number
  readonly onProgress?: (text: string) => void
  readonly chronicle?: Chronicle
}

export interface NodesSoak {
  readonly verdict: Verdict
  readonly faults: Readonly<Record<string, number>>
  /** Nodes that ended though nobody ended them. */
  readonly diedByThemselves: number
  /** How often a caller had to ask again. */
  readonly retries: number
  /** Devices that were not green in the end, or whose session was said to be over. */
  readonly notGreen: number
}

/** So many callers at most ask at once, so that a busy service is not kept busy by those who ask again. */
const mostPlacing = 40

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface Breaking {
  readonly nodes: Nodes
  readonly postgres: PostgresCluster
  readonly random: () => number
  /** For how long this fault lasts, ms. */
  readonly lasting: () => number
  /** Nodes that somebody is seeing to. */
  readonly handled: Set<ServiceNode>
}

async function handling(breaking: Breaking, work: (node: ServiceNode) => Promise<void>): Promise<void> {
  const { nodes, random, handled } = breaking
  const node = nodes.all[Math.floor(random() * nodes.all.length)]
  if (!node) return
  handled.add(node)
  await work(node).finally(() => handled.delete(node))
}

const faults: Readonly<Record<string, (breaking: Breaking) => Promise<void>>> = {
  'SIGKILL of a node': (breaking) =>
    handling(breaking, async (node) => {
      await node.kill()
      await pause(breaking.lasting())
      await startAgain(node)
    }),
  'SIGSTOP of a node': (breaking) =>
    handling(breaking, async (node) => {
      node.freeze()
      await pause(2 * breaking.lasting())
      node.thaw()
    }),
  'SIGTERM of a node': (breaking) =>
    handling(breaking, async (node) => {
      await node.stop()
      await startAgain(node)
    }),
  'a node without NATS': (breaking) =>
    handling(breaking, async (node) => {
      node.toNats.cut()
      await pause(breaking.lasting())
      node.toNats.mend()
    }),
  'a node without PostgreSQL': (breaking) =>
    handling(breaking, async (node) => {
      node.toDatabase.stall()
      await pause(breaking.lasting())
      node.toDatabase.mend()
      // What stalled for long is gone at the other side.
      node.toDatabase.drop()
    }),
  'SIGKILL of NATS': async ({ nodes, lasting }) => {
    await nodes.nats.stop()
    await pause(lasting())
    await nodes.nats.start()
  },
  'SIGSTOP of NATS': async ({ nodes, lasting }) => {
    nodes.nats.kill('SIGSTOP')
    await pause(lasting())
    nodes.nats.kill('SIGCONT')
  },
  'SIGKILL of PostgreSQL': async ({ postgres, lasting }) => {
    await postgres.kill()
    await pause(lasting())
    await postgres.start()
  },
  'SIGSTOP of PostgreSQL': async ({ postgres, lasting }) => {
    postgres.freeze()
    await pause(lasting())
    postgres.thaw()
  },
}

/** Three nodes under calls, while one after another of what they are made of is broken and mended. */
export async function soakNodes(options: NodesSoakOptions): Promise<NodesSoak> {
  const { chronicle = noChronicle } = options
  const postgres = await createPostgres()
  let nodes: Nodes | undefined
  try {
    await postgres.query('create database reachable')
    nodes = await createNodes({
      count: 3,
      environment: { RING_FOR: '10' },
      database: { port: () => postgres.port, name: 'reachable' },
      onLine: chronicle.note,
    })
    return await soak(nodes, postgres, options)
  } finally {
    await nodes?.close()
    await postgres.remove()
  }
}

async function soak(nodes: Nodes, postgres: PostgresCluster, options: NodesSoakOptions): Promise<NodesSoak> {
  const { calls, seed, perSecond, wellFor, faultFor, chronicle = noChronicle } = options
  const onProgress = (text: string) => {
    chronicle.note('soak', text)
    options.onProgress?.(text)
  }
  const random = seededRandom(seed)
  const [one, two] = [
    await nodes.addPeople(Math.ceil(options.people * 0.75)),
    await nodes.addPeople(Math.floor(options.people * 0.25), 2),
  ]
  const plans = createCallPlans(nodes.caller, seededRandom(seed + 1), 20)
  const devices = [...one, ...two].map((person) => nodes.open(person, { onRing: plans.onRing }))
  const usernames = [...new Set([...one, ...two].map(({ username }) => username))]
  await until('all are green', () => devices.every((device) => device.isGreen()), 60_000)

  const done: Record<string, number> = {}
  const handled = new Set<ServiceNode>()
  let isOver = false
  let diedByThemselves = 0

  const areMostGreen = () => devices.filter((device) => device.isGreen()).length > 0.9 * devices.length

  async function breakAll(): Promise<void> {
    const names = Object.keys(faults)
    const lasting = () => Math.round(200 + random() * faultFor)
    while (!isOver) {
      // Most faults meet a service that is well, however long that takes on a busy machine; some meet one that comes back.
      if (random() < 0.75) await until('most are green', areMostGreen, 40_000).catch(() => {})
      await pause(Math.round(200 + random() * wellFor))
      if (isOver) break
      const name = names[Math.floor(random() * names.length)] ?? ''
      onProgress(`${name} …`)
      await faults[name]?.({ nodes, postgres, random, lasting, handled })
      done[name] = (done[name] ?? 0) + 1
    }
  }

  /** What a supervisor does: starts again what ended by itself. */
  async function supervise(): Promise<void> {
    while (!isOver) {
      for (const node of nodes.all) {
        if (node.isRunning() || handled.has(node)) continue
        diedByThemselves += 1
        onProgress(`${node.name} died by itself:\n${node.output().slice(-8).join('\n')}`)
        await startAgain(node).catch(() => {})
      }
      await pause(300)
    }
  }

  async function placeAll(): Promise<void> {
    const underWay = new Set<Promise<unknown>>()
    const began = performance.now()
    for (let placed = 0; placed < calls; ) {
      const due = Math.min(calls, ((performance.now() - began) / 1_000) * perSecond)
      // Some people are called at once by several, and never by so many that one is busy.
      const free = usernames.filter((name) => (plans.underWay.get(name) ?? 0) < 3)
      if (placed < due && free.length > 0 && underWay.size < 800 && plans.placing() < mostPlacing) {
        const calling = plans.place(free[Math.floor(random() * free.length)] ?? '')
        underWay.add(calling)
        void calling.finally(() => underWay.delete(calling))
        placed += 1
        if (placed % 1_000 === 0)
          onProgress(`${placed} of ${calls} calls placed, ${underWay.size} under way, ${total(done)} faults`)
      } else await pause(5)
    }
    isOver = true
    onProgress(`all are placed, ${underWay.size} under way`)
    await Promise.all(underWay)
    onProgress('all are over')
  }

  const supervising = supervise()
  await Promise.all([breakAll(), placeAll()])
  await supervising
  for (const node of nodes.all) if (!node.isRunning()) await startAgain(node)
  const isGreen = () => devices.every((device) => device.isGreen())
  await until('all are green again', isGreen, 90_000).catch(() => {})
  const isTold = () =>
    devices.every((device) =>
      [...device.calls.values()].every(({ pressed, ends }) => !pressed || ends.length > 0),
    )
  await until('everybody is told', isTold, 30_000).catch(() => {})
  const rows = await nodes.rows()
  const verdict = judge(plans.records, devices, rows)
  for (const what of [...verdict.lost, ...verdict.doubled, ...verdict.disagreeing, ...verdict.refused]) {
    chronicle.note('found', what)
    const [id = ''] = what.split(':')
    for (const line of storyOf(id, plans.records, devices, rows)) chronicle.note('found', line)
  }
  return {
    verdict,
    faults: done,
    diedByThemselves,
    retries: plans.records.reduce((sum, { retries }) => sum + retries, 0),
    notGreen: devices.filter((device) => !device.isGreen()).length,
  }
}

const total = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((sum, one) => sum + one, 0)

/** Every way in which a soak failed; none when all is well. */
export function broken({ verdict, notGreen }: NodesSoak): readonly string[] {
  const { lost, doubled, disagreeing, refused } = verdict
  return [
    ...lost.map((what) => `lost: ${what}`),
    ...doubled.map((what) => `doubled: ${what}`),
    ...disagreeing.map((what) => `disagreeing: ${what}`),
    ...refused.map((what) => `refused: ${what}`),
    ...(notGreen > 0 ? [`${notGreen} devices were not green again`] : []),
  ]
}
