import { type CommandHelp, parseWords, readCommandLine, usageError } from '../../server/command-line.ts'
import { ProgressReporter, runWithVitest } from '../support/run-with-vitest.ts'
import { measuredService } from './costs.ts'
import { simulateWorstHour, type WorstHourResult } from './worst-hour.ts'

const help: CommandHelp = {
  command: 'npm run simulate',
  does: 'Simulates the worst hour of a service of many nodes: a region loses its network without a word, has it back, and everybody comes back at once. Devices decide by the extension’s reducer, leases by the server’s.',
  ways: [['', '']],
  options: [
    ['--devices N', 'so many are connected; 1000000 by default'],
    ['--nodes N', `nodes, each with one core; ${measuredService.nodes} by default`],
    ['--database-cores N', `cores of PostgreSQL; ${measuredService.databaseCores} by default`],
    [
      '--handshakes N',
      `TLS connections that balancers take in a second; ${measuredService.handshakesPerSecond}`,
    ],
    ['--shed MS', 'nodes that are so far behind take no new connection: what no server does today'],
    ['--outage SECONDS', 'how long nothing gets through; 40 by default'],
    ['--seed N', 'makes the same devices as another time; 1 by default'],
    ['--measure N', 'simulates nothing, and measures with N devices what a real node needs for each'],
  ],
  examples: ['npm run simulate -- --devices 1000000', 'npm run simulate -- --devices 100000 --nodes 3'],
  more: 'Ends with 1 when somebody was never green again, or was green without a lease. A million devices take some minutes of one core, and 3 GB.',
}

const asked = readCommandLine(help, (argv) => {
  const number = (value: number) => ({ type: 'string', default: String(value) }) as const
  const { values, positionals } = parseWords(
    argv,
    {
      devices: number(1_000_000),
      nodes: number(measuredService.nodes),
      'database-cores': number(measuredService.databaseCores),
      shed: number(0),
      handshakes: number(measuredService.handshakesPerSecond),
      outage: number(40),
      seed: number(1),
      measure: number(0),
    },
    help,
  )
  const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]))
  const {
    devices = 0,
    nodes = 0,
    'database-cores': databaseCores = 0,
    shed = 0,
    handshakes = 0,
    outage = 0,
    seed = 0,
    measure = 0,
  } = given
  const isSound = [devices, nodes, databaseCores, handshakes, outage].every(
    (value) => Number.isInteger(value) && value > 0,
  )
  if (positionals.length > 0 || !isSound || !Number.isInteger(seed) || !(measure >= 0) || !(shed >= 0))
    throw usageError('Each option is a whole number.', help)
  return { devices, nodes, databaseCores, shed, handshakes, outage, seed, measure }
})

class PrintingReporter extends ProgressReporter {
  onUserConsoleLog({ content }: { readonly content: string }): void {
    process.stdout.write(content)
  }
}

const inSeconds = (ms: number | undefined) => (ms === undefined ? 'never' : `${(ms / 1_000).toFixed(1)} s`)
const whole = (value: number) => Math.round(value).toLocaleString('en')
const rate = ({ total, peak }: { readonly total: number; readonly peak: number }) =>
  `${whole(total)}, ${whole(peak)} in the busiest second`

const rows = (result: WorstHourResult): Readonly<Record<string, string>> => ({
  'from the loss to the last green': inSeconds(result.lastGreenAfterLoss),
  'from the return to half green': inSeconds(result.half),
  '— to 99 % green': inSeconds(result.most),
  '— to all green': inSeconds(result.all),
  'TLS connections': rate(result.handshakes),
  hellos: rate(result.hellos),
  '— dealt with though nobody waited any more': whole(result.wastedHellos),
  '— refused as late': whole(result.lateHellos),
  '— turned away before, by --shed': whole(result.shed),
  heartbeats: rate(result.heartbeats),
  'transactions of PostgreSQL': rate(result.transactions),
  'longest wait at a balancer': inSeconds(result.longestWaits.balancer),
  '— at a node': inSeconds(result.longestWaits.node),
  '— at PostgreSQL': inSeconds(result.longestWaits.database),
  'busiest node, from the return on': `${Math.round(100 * result.busiestNode)} % of a core`,
  'green without a lease': whole(result.falseGreens),
  'green again, and then not': whole(result.fellBack),
})

async function measure(devices: number): Promise<0 | 1> {
  process.env.REACHABLE_SIMULATE_MEASURED = String(devices)
  const reporter = new PrintingReporter()
  await runWithVitest(['tests/simulate/costs.bench.ts'], reporter)
  return reporter.failed.length > 0 ? 1 : 0
}

function simulate({ devices, outage, seed, nodes, databaseCores, handshakes, shed }: typeof asked): 0 | 1 {
  const shedAfter = shed === 0 ? measuredService.shedAfter : shed
  const service = { ...measuredService, nodes, databaseCores, handshakesPerSecond: handshakes, shedAfter }
  console.log(`${whole(devices)} devices, ${outage} s without a network, seed ${seed}:`, service)
  const began = performance.now()
  let mostMemory = 0
  const onSecond = ({ at, green }: { readonly at: number; readonly green: number }) => {
    mostMemory = Math.max(mostMemory, process.memoryUsage().rss)
    if (at >= 0 && at % 5_000 === 0) console.log(`${at / 1_000} s after the return: ${whole(green)} green`)
  }
  const result = simulateWorstHour({ devices, seed, outage: outage * 1_000, service, onSecond })
  const { user } = process.cpuUsage()
  console.table({
    ...rows(result),
    'this simulation': `${whole(result.events)} events in ${inSeconds(performance.now() - began)} (${inSeconds(user / 1_000)} of a core), ${whole(mostMemory / 1e6)} MB`,
  })
  return result.all !== undefined && result.falseGreens === 0 ? 0 : 1
}

process.exit(asked.measure > 0 ? await measure(asked.measure) : simulate(asked))
