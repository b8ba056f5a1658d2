import { test } from 'vitest'
import { figuresOf, kilobytes, ofOneCore } from './figure.ts'
import { launchFleet } from './load/launch-fleet.ts'
import { startProbedServer } from './load/probed-server.ts'
import { shareOfCore } from './load/process-usage.ts'
import { addSignedInPeople } from './load/signed-in-people.ts'
import { benchSizes } from './options.ts'

/** Heartbeats come every 10 s, each device's from a moment of its own on. */
const untilAllBeat = 11_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('what connected devices cost the server', { timeout: 600_000 }, async (context) => {
  const figures = figuresOf(context)
  const { devices: many } = benchSizes()
  const some = Math.floor(many / 10)
  const server = await startProbedServer()
  const cpu = async () => (await server.usage('look')).cpu
  const seats = await addSignedInPeople(server.dataDir, many)
  // What the first devices cost once and for all (code, buffers) is no part of what each one costs.
  const first = await launchFleet(server.url, seats.slice(0, some))
  await pause(untilAllBeat)
  const withSome = await shareOfCore(cpu, 30_000)
  figures.add(`processor, ${some} devices beating for 30 s`, withSome, ofOneCore)
  await first.end()

  const without = await server.usage('collect')
  figures.add('the same server without devices, 10 s', await shareOfCore(cpu, 10_000), ofOneCore)
  const fleet = await launchFleet(server.url, seats)
  await pause(untilAllBeat)
  const withMany = await server.usage('collect')
  const each = (of: 'rss' | 'heapUsed') => (withMany[of] - without[of]) / many
  figures.add(`memory of a connected device, of ${many} (resident)`, each('rss'), kilobytes, 11_000)
  figures.add('the same, JavaScript heap alone', each('heapUsed'), kilobytes)
  const leases = await fleet.leases()
  const withAll = await shareOfCore(cpu, 30_000)
  const perSecond = ((await fleet.leases()) - leases) / 30
  figures.add(`processor, ${many} devices beating for 30 s`, withAll, ofOneCore, 0.08)
  figures.addText('heartbeats answered meanwhile', `${perSecond.toFixed(0)} a second`)
})
