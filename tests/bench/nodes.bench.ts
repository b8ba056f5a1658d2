import { test } from 'vitest'
import { figuresOf, milliseconds, ofOneCore, quantile } from './figure.ts'
import { addKnownPeople, type Query } from './load/known-people.ts'
import { launchFleet } from './load/launch-fleet.ts'
import { measureRings, mostCallees, openCallee, openLoadCaller } from './load/measure-rings.ts'
import { shareOfCore, usageOf } from './load/process-usage.ts'
import { missingForNodes, startLoadNodes } from './load/start-load-nodes.ts'
import { benchSizes } from './options.ts'

const perSecond = 20
const fewest = 1_000
const uncounted = 50
/** Heartbeats come every 10 s, each device's from a moment of its own on. */
const untilAllBeat = 11_000
const watched = 20_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Ten times as many each, up to all. */
function steps(all: number): readonly number[] {
  const numbers: number[] = []
  for (let known = Math.min(fewest, all); known < all; known *= 10) numbers.push(known)
  return [...numbers, all]
}

/** How many rows PostgreSQL has read without an index so far: what it knows of that is a second late. */
async function readThrough(query: Query): Promise<number> {
  await pause(2_000)
  const [row] = await query('select sum(seq_tup_read) as rows from pg_stat_user_tables')
  return Number(row?.rows)
}

test('a node, however many people have an account', { timeout: 3_000_000 }, async (context) => {
  const figures = figuresOf(context)
  const missing = missingForNodes()
  if (missing !== undefined) return figures.addText('what a node costs', `not measured: ${missing}`)
  const { devices, calls, people: mostKnown } = benchSizes()
  const { all, addPeople, query, apiKey, processes } = await startLoadNodes(1)
  const [node] = all
  if (!node) throw new Error('There is no node.')
  const callees = Math.min(mostCallees, Math.floor(devices / 2))
  const called = await Promise.all((await addPeople(callees)).map((person) => openCallee(node.url, person)))
  const callers = [openLoadCaller(node.url, apiKey)]
  let [known, connected] = [callees, callees]
  const medians: { known: number; connected: number; p50: number; p99: number }[] = []

  for (const step of steps(mostKnown)) {
    const more = Math.min(devices, step) - connected
    if (more > 0) {
      await launchFleet(node.url, await addPeople(more))
      known += more
      connected += more
    }
    await addKnownPeople(query, Math.max(0, step - known))
    known = Math.max(known, step)
    await pause(untilAllBeat)
    const before = await readThrough(query)
    const times = await measureRings({ callers, callees: called, calls: uncounted + calls / 2, perSecond })
    const toRing = times.slice(uncounted).map((time) => time.toRing)
    const [p50, p99] = [quantile(toRing, 0.5), quantile(toRing, 0.99)]
    medians.push({ known, connected, p50, p99 })
    const rows = ((await readThrough(query)) - before) / times.length
    const of = `${known} people, ${connected} of them connected`
    figures.addText(
      `to ring at the device, p50 / p99 of ${toRing.length} calls: ${of}`,
      [p50, p99].map(milliseconds).join(' / '),
    )
    figures.addText('— rows that PostgreSQL read by going through whole tables, a call', rows.toFixed(0))
  }
  const [first, last] = [medians.find((step) => step.connected === connected), medians.at(-1)]
  if (first && last)
    figures.add(
      `the median at ${last.known} people beside that at ${first.known}, with ${connected} connected at both`,
      last.p50 / first.p50,
      (times) => `${times.toFixed(2)} times`,
      1.25,
    )

  const [byNode, byNats, byPostgres] = await Promise.all(
    [() => [node.pid() ?? 0], processes.nats, processes.postgres].map((pids) =>
      shareOfCore(() => usageOf(pids()).cpu, watched),
    ),
  )
  const beating = `${connected} devices beating for ${watched / 1_000} s`
  figures.add(`processor of the node, ${beating}`, byNode ?? Number.NaN, ofOneCore)
  figures.add('— of NATS meanwhile', byNats ?? Number.NaN, ofOneCore)
  figures.add('— of PostgreSQL meanwhile', byPostgres ?? Number.NaN, ofOneCore)
  figures.keep('known', { steps: medians })
})
