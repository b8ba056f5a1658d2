import { defaultTiming, silenceBound } from '../../../protocol/timing.ts'
import type { CallerRecord } from '../../support/nodes/caller.ts'
import type { FleetDevice } from '../../support/nodes/fleet-device.ts'
import { greenWithin, judge, type Verdict } from '../../support/nodes/ledger.ts'
import { createPostgres, type PostgresCluster } from '../../support/nodes/postgres-cluster.ts'
import { createNodes, type Nodes, type ServiceNode, until } from '../../support/nodes/start-nodes.ts'
import { type Fault, type FaultName, faults } from './faults.ts'

export interface Measured {
  /** For how long a device believed a lease, at most, while a call would not have got through: ms. */
  readonly falselyGreen: number
  /** Until every device that it befell is green again, in ms: from the fault where it befell a node, else from its end. */
  readonly greenAfter: number
  readonly verdict: Verdict
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Makes a fault for real while calls ring and are placed, and looks what became of everybody. */
export async function measureFault(name: FaultName, devices = 24): Promise<Measured> {
  const fault: Fault = faults[name]
  const clusters: PostgresCluster[] = []
  let nodes: Nodes | undefined
  try {
    const first = await createPostgres(fault.ownDisk ? { ownDisk: fault.ownDisk } : {})
    clusters.push(first)
    await first.query('create database reachable')
    if (fault.prepare) clusters.push(await fault.prepare(first))
    let now = first
    nodes = await createNodes({
      count: 3,
      database: { port: () => now.port, name: 'reachable' },
      ...(fault.through && { through: { 0: fault.through } }),
    })
    return await measure(fault, nodes, first, devices, (moved) => {
      now = moved
    })
  } finally {
    await nodes?.close()
    for (const cluster of clusters) await cluster.remove()
  }
}

async function measure(
  fault: Fault,
  nodes: Nodes,
  postgres: PostgresCluster,
  count: number,
  moveDatabase: (cluster: PostgresCluster) => void,
): Promise<Measured> {
  const node = nodes.all[0] as ServiceNode
  const people = await nodes.addPeople(count)
  const press = (call: string, device: FleetDevice) =>
    void setTimeout(
      () => device.press(call, people.indexOf(device.person) % 4 === 0 ? 'decline' : 'answer'),
      2_500,
    )
  const devices = people.map((person) => nodes.open(person, { onRing: press }))
  const areGreen = () => devices.every((device) => device.isGreen())
  await until('all are green', areGreen, 40_000)

  const records: Promise<CallerRecord>[] = []
  const call = (to: number, from = nodes.caller) => {
    const { username = '' } = people[to % people.length] ?? {}
    records.push(from.call(username, { waitFor: 90, within: 150_000 }))
  }
  // Half of them are driven by the node that will be hit.
  for (let n = 0; n < count / 2; n += 1) call(n, nodes.caller)
  await until('calls ring', () => devices.filter(({ calls }) => calls.size > 0).length >= count / 2, 20_000)

  const hit = devices.filter((device) => fault.befalls === 'everybody' || nodes.nodeOf(device) === node)
  const began = performance.now()
  await fault.begin({ nodes, postgres, node, moveDatabase })
  for (let n = count / 2; n < count; n += 1) call(n)
  await pause(fault.lasting)
  await fault.mend({ nodes, postgres, node, moveDatabase })
  const mended = performance.now()

  // By then no lease of before can be believed any more.
  const proven = silenceBound(defaultTiming) + 1_500
  await until('the old leases are over', () => performance.now() > began + proven, proven + 1_000)
  await until('all are green again', areGreen, 90_000)
  const ended = await Promise.all(records)
  const isTold = () =>
    devices.every(({ calls }) => [...calls.values()].every((one) => !one.pressed || one.ends.length > 0))
  await until('everybody is told', isTold, 30_000).catch(() => {})
  const verdict = judge(ended, devices, await nodes.rows())

  const from = fault.befalls === 'node' ? began : mended
  return {
    falselyGreen: Math.max(0, ...hit.map((device) => falselyGreen(device, fault, began, mended))),
    greenAfter: Math.max(0, ...hit.map((device) => lastGained(device, began) - from)),
    verdict,
  }
}

/** A device at a node that is gone is falsely green until it notices, or is at another; at a service that is gone, all along. */
function falselyGreen(device: FleetDevice, { befalls }: Fault, began: number, mended: number): number {
  if (befalls === 'everybody') return greenWithin(device, began, mended)
  const off = device.light.find(({ at, green }) => at >= began && !green)?.at ?? Number.POSITIVE_INFINITY
  const elsewhere = device.leases.find(({ at }) => at >= began)?.at ?? Number.POSITIVE_INFINITY
  return Math.min(off, elsewhere, mended) - began
}

/** When it last came to be green, after the fault: by its light, or over a new connection; else it always was. */
function lastGained(device: FleetDevice, began: number): number {
  const lit = device.light.filter(({ at, green }) => green && at >= began).map(({ at }) => at)
  const leased = device.leases.filter(({ at }) => at >= began).map(({ at }) => at)
  return Math.max(Number.NEGATIVE_INFINITY, ...lit, ...leased)
}

/** What became of the calls, in words. */
export function whatBecame({ calls, outcomes, lost, doubled, disagreeing, refused }: Verdict): string {
  const parts = Object.entries(outcomes).map(([state, count]) => `${count} ${state}`)
  const wrong = Object.entries({ lost, doubled, disagreeing, refused })
    .filter(([, which]) => which.length > 0)
    .map(([kind, which]) => `${which.length} ${kind}`)
  return `${calls}: ${[...parts, ...wrong].join(', ')}`
}
