import type { CallerRecord } from '../../support/nodes/caller.ts'
import type { FleetDevice } from '../../support/nodes/fleet-device.ts'
import { judge, longestOff, type Verdict } from '../../support/nodes/ledger.ts'
import type { Nodes } from '../../support/nodes/start-nodes.ts'
import { startAgain, until } from '../../support/nodes/start-nodes.ts'
import { type Chronicle, historyOf, noChronicle, storyOf } from './chronicle.ts'

export interface Draining {
  readonly devices: number
  readonly verdict: Verdict
  /** Calls that were not answered, though somebody was there to answer each. */
  readonly missed: number
  /** For how long at once a device was not green, at most: ms. */
  readonly longestOff: number
  /** How many devices were off for more than a second. */
  readonly offForLong: number
  /** How long each node took from SIGTERM to its end, at most: ms. */
  readonly longestDrain: number
}

export interface DrainingOptions {
  readonly devices: number
  readonly perSecond: number
  /** Milliseconds between two restarts. */
  readonly wait?: number
  readonly chronicle?: Chronicle
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Restarts one node after another while devices hold leases and calls come. */
export async function measureDraining(
  nodes: Nodes,
  { devices: count, perSecond, wait = 2_000, chronicle = noChronicle }: DrainingOptions,
): Promise<Draining> {
  const people = []
  for (let n = 0; n < count; n += 250) people.push(...(await nodes.addPeople(Math.min(250, count - n))))
  const answer = (call: string, device: FleetDevice) =>
    void setTimeout(() => device.press(call, 'answer'), 100 + Math.random() * 900)
  const devices: FleetDevice[] = []
  for (let n = 0; n < count; n += 50) {
    const some = people.slice(n, n + 50).map((person) => nodes.open(person, { onRing: answer }))
    devices.push(...some)
    await until('some more are green', () => some.every((device) => device.isGreen()), 40_000)
  }
  await until('all are green', () => devices.every((device) => device.isGreen()), 40_000)

  const began = performance.now()
  const records: Promise<CallerRecord>[] = []
  let isOver = false
  const calling = (async () => {
    for (let n = 0; !isOver; n += 1) {
      const { username = '' } = people[Math.floor(Math.random() * people.length)] ?? {}
      records.push(nodes.caller.call(username, { within: 60_000 }))
      await pause(Math.max(0, began + (n * 1_000) / perSecond - performance.now()))
    }
  })()
  let longestDrain = 0
  for (const node of nodes.all) {
    await pause(wait)
    const stopping = performance.now()
    chronicle.note('soak', `${node.name} is stopped`)
    await node.stop()
    chronicle.note('soak', `${node.name} is gone`)
    longestDrain = Math.max(longestDrain, performance.now() - stopping)
    await startAgain(node)
    await until(`${node.name} is ready`, () => nodes.isReady(node))
  }
  await pause(wait)
  isOver = true
  await calling
  const ended = await Promise.all(records)
  const over = performance.now()
  const off = devices.map((device) => longestOff(device, began, over))
  const rows = await nodes.rows()
  const verdict = judge(ended, devices, rows)
  for (const device of devices.filter((_, n) => (off[n] ?? 0) > 1_000))
    chronicle.note('found', `off: ${historyOf(device, began)}`)
  for (const { id = '' } of ended.filter((one) => one.ends[0]?.state !== 'answered'))
    for (const line of storyOf(id, ended, devices, rows)) chronicle.note('found', line)
  return {
    devices: count,
    verdict,
    missed: verdict.calls - (verdict.outcomes.answered ?? 0),
    longestOff: Math.max(...off),
    offForLong: off.filter((ms) => ms > 1_000).length,
    longestDrain,
  }
}
