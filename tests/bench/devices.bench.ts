import { test } from 'vitest'
import { figuresOf, kilobytes, ofOneCore } from './figure.ts'
import { launchFleet } from './load/launch-fleet.ts'
import { type ProbedServer, startProbedServer } from './load/probed-server.ts'
import { addSignedInPeople } from './load/signed-in-people.ts'

const many = 10_000
const some = 1_000

/** The share of one core that the server uses in the next `ms`. */
async function load(server: ProbedServer, ms: number): Promise<number> {
  const [cpu, at] = [(await server.usage('look')).cpu, performance.now()]
  await new Promise((resolve) => setTimeout(resolve, ms))
  return ((await server.usage('look')).cpu - cpu) / (performance.now() - at)
}

test('what connected devices cost the server', async (context) => {
  const figures = figuresOf(context)
  const server = await startProbedServer()
  const seats = await addSignedInPeople(server.dataDir, many)
  // What the first devices cost once and for all (code, buffers) is no part of what each one costs.
  const endFirst = await launchFleet(server.url, seats.slice(0, some))
  const withSome = await load(server, 30_000)
  figures.add(`processor, ${some} devices connected for 30 s`, withSome, ofOneCore)
  await endFirst()

  const without = await server.usage('collect')
  figures.add('the same server without devices, 10 s', await load(server, 10_000), ofOneCore)
  await launchFleet(server.url, seats)
  const withMany = await server.usage('collect')
  const each = (of: 'rss' | 'heapUsed') => (withMany[of] - without[of]) / many
  figures.add(`memory of a connected device, of ${many} (resident)`, each('rss'), kilobytes, 20_000)
  figures.add(`the same, JavaScript heap alone`, each('heapUsed'), kilobytes)
  figures.add(`processor, ${many} devices connected for 15 s`, await load(server, 15_000), ofOneCore)
})
