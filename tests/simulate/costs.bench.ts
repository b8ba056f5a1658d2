import { test } from 'vitest'
import { defaultTiming } from '../../protocol/timing.ts'
import { launchFleet } from '../bench/load/launch-fleet.ts'
import { usageOf } from '../bench/load/process-usage.ts'
import { startLoadNodes } from '../bench/load/start-load-nodes.ts'

const devices = Number(process.env.REACHABLE_SIMULATE_MEASURED ?? 1_000)
const beaten = 3 * defaultTiming.heartbeatEvery

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * What a device costs a node, PostgreSQL and NATS: of their processors' time, which is the same on a busy machine, and of
 * what PostgreSQL writes. No time that passes is measured.
 */
test('what a hello and a heartbeat cost', { timeout: 600_000 }, async () => {
  const { all, addPeople, query, processes } = await startLoadNodes(1)
  const [node] = all
  if (!node) throw new Error('There is no node.')
  const look = async () => {
    const [row = {}] = await query(
      "select xact_commit::float8 as commits, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as written from pg_stat_database where datname = current_database()",
    )
    return {
      at: performance.now(),
      node: usageOf([node.pid() ?? 0]).cpu,
      postgres: usageOf(processes.postgres()).cpu,
      nats: usageOf(processes.nats()).cpu,
      commits: Number(row.commits),
      written: Number(row.written),
    }
  }
  type Look = Awaited<ReturnType<typeof look>>
  const kinds = ['node', 'postgres', 'nats', 'commits', 'written'] as const
  const since = (before: Look, after: Look) =>
    Object.fromEntries(kinds.map((kind) => [kind, after[kind] - before[kind]])) as Omit<Look, 'at'>
  const people = await addPeople(devices + 200)
  // Code that has not run yet and first buffers do not count.
  const first = await launchFleet(node.url, people.slice(0, 200))
  await first.end()
  await pause(12_000)

  const idle = await look()
  await pause(10_000)
  const rested = await look()
  const resting = since(idle, rested)
  const rest = (kind: (typeof kinds)[number], ms: number) => (resting[kind] * ms) / (rested.at - idle.at)
  const before = await look()
  await launchFleet(node.url, people.slice(200))
  const connected = await look()
  await pause(beaten)
  const after = await look()

  const hello = since(before, connected)
  const beat = since(connected, after)
  const beats = (devices * (after.at - connected.at)) / defaultTiming.heartbeatEvery
  const share = (used: typeof hello, ms: number, of: number) =>
    Object.fromEntries(kinds.map((kind) => [kind, Number(((used[kind] - rest(kind, ms)) / of).toFixed(3))]))
  console.log(
    `${devices} devices, ms of a processor (commits and bytes of PostgreSQL's log for the last two):`,
  )
  console.log('hello, with its first heartbeat', share(hello, connected.at - before.at, devices))
  console.log('heartbeat', share(beat, after.at - connected.at, beats))
  console.log('a second at rest', share(resting, 0, (rested.at - idle.at) / 1_000))
})
