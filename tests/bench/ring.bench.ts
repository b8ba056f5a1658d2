import { test } from 'vitest'
import { createApiKey } from '../../server/accounts/api-keys.ts'
import { startServer } from '../support/server/start-server.ts'
import { figuresOf, milliseconds, quantile } from './figure.ts'
import { launchFleet } from './load/launch-fleet.ts'
import {
  type Callee,
  measureRings,
  mostCallees,
  openCallee,
  openLoadCaller,
  type RingTimes,
} from './load/measure-rings.ts'
import { production } from './load/probed-server.ts'
import { addSignedInPeople, withDatabase } from './load/signed-in-people.ts'
import { missingForNodes, startLoadNodes } from './load/start-load-nodes.ts'
import { benchSizes } from './options.ts'

const perSecond = 20
const { devices, calls } = benchSizes()
const callees = Math.min(mostCallees, Math.floor(devices / 2))
/** The first calls meet code that has never run. */
const uncounted = Math.min(100, calls)

type Figures = ReturnType<typeof figuresOf>

const ringTimes = (times: readonly RingTimes[]) => times.slice(uncounted).map(({ toRing }) => toRing)

/** As much as a plot can show of how they are spread. */
const distribution = (times: readonly number[]) =>
  Array.from({ length: 200 }, (_, n) => ({ share: (n + 1) / 200, ms: quantile(times, (n + 1) / 200) }))

function tell(
  figures: Figures,
  where: string,
  times: readonly RingTimes[],
  [p50, p99]: [number, number],
): void {
  const toRing = ringTimes(times)
  const of = `of ${toRing.length} calls, ${where}`
  figures.add(`POST /api/calls to ring at the device, p50 ${of}`, quantile(toRing, 0.5), milliseconds, p50)
  figures.add(`POST /api/calls to ring at the device, p99 ${of}`, quantile(toRing, 0.99), milliseconds, p99)
  const toAnswer = times.slice(uncounted).map((time) => time.toAnswer)
  figures.add(`POST /api/calls to its answer, p50, ${where}`, quantile(toAnswer, 0.5), milliseconds)
}

test(`calls among ${devices} devices, SQLite`, { timeout: 900_000 }, async (context) => {
  const figures = figuresOf(context)
  // More in a minute than one key may place by default.
  const server = await startServer({ ...production, CALLS_PER_MINUTE: '60000' })
  const people = await addSignedInPeople(server.dataDir, devices)
  const key = await withDatabase(server.dataDir, (db) => createApiKey(db, 'bench', Date.now()))
  await launchFleet(server.url, people.slice(callees))
  const called = await Promise.all(people.slice(0, callees).map((person) => openCallee(server.url, person)))
  const callers = [openLoadCaller(server.url, key ?? '')]
  const times = await measureRings({ callers, callees: called, calls: uncounted + calls, perSecond })
  tell(figures, 'SQLite', times, [5, 25])
  figures.add('the first call of a fresh server, to ring', times[0]?.toRing ?? Number.NaN, milliseconds)
  figures.keep('ring', { SQLite: distribution(ringTimes(times)) })
})

test(`calls among ${devices} devices, two nodes`, { timeout: 1_800_000 }, async (context) => {
  const figures = figuresOf(context)
  const where = 'two nodes'
  const missing = missingForNodes()
  if (missing !== undefined)
    return figures.addText(`calls among devices, ${where}`, `not measured: ${missing}`)
  const nodes = await startLoadNodes(2)
  const people = await nodes.addPeople(devices)
  const called: Callee[] = []
  for (const [n, node] of nodes.all.entries()) {
    const here = people.filter((_, place) => place % nodes.all.length === n)
    const rung = Math.ceil(callees / nodes.all.length)
    await launchFleet(node.url, here.slice(rung))
    called.push(...(await Promise.all(here.slice(0, rung).map((person) => openCallee(node.url, person)))))
  }
  // Whoever is called next is at either node, so half of the calls are for a device of the other.
  const times = await measureRings({
    callers: nodes.all.map(({ url }) => openLoadCaller(url, nodes.apiKey)),
    callees: called.toSorted(() => Math.random() - 0.5),
    calls: uncounted + calls,
    perSecond,
  })
  tell(figures, where, times, [8, 40])
  figures.keep('ring', { 'two nodes': distribution(ringTimes(times)) })
})
