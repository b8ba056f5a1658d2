import { test } from 'vitest'
import { figuresOf, seconds } from './figure.ts'
import { type LoadProcess, launchProcess } from './load/launch-process.ts'
import type { Returned, ReturningRequest } from './load/returning-process.ts'
import { missingForNodes, startLoadNodes } from './load/start-load-nodes.ts'
import { benchSizes } from './options.ts'

const devicesEach = 2_500
/** Nobody is waited for any longer, in ms. */
const longest = 60_000
/** For so long, in ms, the devices beat before the fault, and are watched after they are all back. */
const quiet = 12_000

const now = () => performance.timeOrigin + performance.now()
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function returnedSince(fleets: readonly LoadProcess[], since: number): Promise<Returned> {
  const all = (await Promise.all(fleets.map((fleet) => fleet.ask({ since })))) as Returned[]
  return {
    devices: all.reduce((sum, { devices }) => sum + devices, 0),
    green: all.reduce((sum, { green }) => sum + green, 0),
    changes: all.flatMap(({ changes }) => changes).sort((a, b) => a.after - b.after),
  }
}

/** How many devices are green, after so many ms: each step of it. */
function curve({
  devices,
  changes,
}: Returned): readonly { readonly after: number; readonly green: number }[] {
  let green = devices
  return changes.map(({ after, by }) => {
    green += by
    return { after, green }
  })
}

test('devices come back after a node is killed', { timeout: 1_800_000 }, async (context) => {
  const figures = figuresOf(context)
  const missing = missingForNodes()
  if (missing !== undefined)
    return figures.addText('devices after the kill of one of three nodes', `not measured: ${missing}`)
  const { devices } = benchSizes()
  const nodes = await startLoadNodes(3)
  const people = await nodes.addPeople(devices)
  const fleets: LoadProcess[] = []
  for (let n = 0; n < devices; n += devicesEach) {
    const fleet = launchProcess('load', 'returning-process.ts')
    const request: ReturningRequest = { url: nodes.url, people: people.slice(n, n + devicesEach) }
    await fleet.ask(request)
    fleets.push(fleet)
  }
  await pause(quiet)

  const [killed, ...others] = nodes.all
  const before = await returnedSince(fleets, now())
  if (before.green < devices)
    throw new Error(`Only ${before.green} of ${devices} were green before the kill.`)
  const since = now()
  await killed?.kill()
  let returned = await returnedSince(fleets, since)
  while ((returned.green < devices || returned.changes.length === 0) && now() - since < longest) {
    await pause(500)
    returned = await returnedSince(fleets, since)
  }
  // Whoever falls over under those who come does so later than they come.
  await pause(quiet)
  returned = await returnedSince(fleets, since)

  const steps = curve(returned)
  const least = Math.min(...steps.map(({ green }) => green))
  const lost = devices - least
  const lowest = steps.findIndex(({ green }) => green === least)
  const backAfter = (missing: number) =>
    steps.slice(lowest).find(({ green }) => green >= devices - missing)?.after ?? Number.NaN
  const all = returned.green < devices ? Number.NaN : Math.max(...steps.map(({ after }) => after))
  const of = `of ${lost} devices of the node, among ${devices}`
  figures.add(`half green again ${of}`, backAfter(lost / 2), seconds, 6_000)
  figures.add(`all green again ${of}`, all, seconds, 20_000)
  const running = others.filter((node) => node.isRunning()).length
  figures.add('nodes that fell over besides', others.length - running, String, 0)
  const fallen = returned.changes.filter(({ by }) => by < 0).length
  figures.add('times that a device left green, more than those of the node', fallen - lost, String, 0)
  figures.keep('reconnect', { devices, steps: thinned(steps) })
})

/** As much as a plot can show: the last step of every tenth of a second. */
function thinned(steps: ReturnType<typeof curve>) {
  const byTenth = new Map(steps.map(({ after, green }) => [Math.ceil(after / 100) / 10, green]))
  return [...byTenth].map(([second, green]) => ({ second, green }))
}
