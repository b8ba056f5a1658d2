import { availableParallelism, loadavg } from 'node:os'
import type { TestCase } from 'vitest/node'
import { buildExtension } from '../../scripts/build-extension.ts'
import { buildWeb } from '../../scripts/build-web.ts'
import { table } from '../../server/cli/table.ts'
import { readCommandLine } from '../../server/command-line.ts'
import { chosenPrograms, programsHelp } from '../support/chosen-programs.ts'
import { ProgressReporter, runWithVitest } from '../support/run-with-vitest.ts'
import type { Figure } from './figure.ts'
import { benchOptionWords, parseBenchOptions, passOn } from './options.ts'
import type { Plotted } from './plots/plots.ts'
import { writePlots } from './plots/write-plots.ts'

/** In the order in which they run; each is a file `NAME.bench.ts` here. */
const benchmarks = {
  sizes: 'what the built extension weighs',
  start: 'how soon a server is ready',
  ring: 'how soon a call reaches its device among 10,000, on SQLite and over two nodes',
  people: 'how soon a message and a contact’s change are there, among 1,000 others',
  passwords: 'what a flood of wrong passwords does to a right one, and to heartbeats',
  popup: 'how soon the popup can be used',
  room: 'how soon the two of a call see each other',
  'false-green': 'how long the badge can stay green after each fault',
  converse: 'how long the status of another program outlives the same faults',
  worker: 'what the signed-in extension costs the processor at rest',
  devices: 'what connected devices cost the server',
  peers: 'what as many cost Prosody, ejabberd and a plain echo, where they are installed',
  reconnect: 'how soon devices are green again after one of three nodes was killed',
  nodes: 'what a node costs, and how soon it rings however many people have an account',
} as const

type Benchmark = keyof typeof benchmarks

/** Prints and keeps what is measured. */
class FigureReporter extends ProgressReporter {
  readonly figures: Figure[] = []
  readonly kept: Plotted[] = []

  override onTestCaseResult(test: TestCase): void {
    super.onTestCaseResult(test)
    for (const figure of test.meta().figures ?? []) {
      this.figures.push(figure)
      console.log(`  ${figure.what}: ${figure.measured}`)
    }
    this.kept.push(test.meta().kept ?? {})
  }
}

const rowOf = (benchmark: Benchmark, { what, measured, aim, met }: Figure) => [
  what,
  measured,
  aim,
  met === undefined ? '' : met ? 'met' : 'NOT MET',
  `npm run bench -- ${benchmark}`,
]

/**
 * Runs the benchmarks that are named, or all of them, and prints a table.
 *
 * @returns 0, even when an aim was missed; 1 when something broke; 2 for a benchmark that there is not.
 */
async function bench({ names, options }: ReturnType<typeof parseBenchOptions>): Promise<0 | 1 | 2> {
  const chosen = chosenPrograms('npm run bench', benchmarks, names)
  if (!chosen) return 2
  passOn(options)
  await buildExtension('chrome')
  await buildWeb()
  console.log(
    `Node ${process.versions.node} on ${availableParallelism()} cores, busy with ${loadavg()[0]?.toFixed(1)} ` +
      'processes just now: the quieter the machine, the truer the figures.\n',
  )
  const rows: string[][] = []
  const failed: string[] = []
  const kept: Plotted[] = []
  for (const name of chosen) {
    const reporter = new FigureReporter()
    await runWithVitest([`tests/bench/${name}.bench.ts`], reporter)
    rows.push(...reporter.figures.map((figure) => rowOf(name, figure)))
    failed.push(...reporter.failed)
    kept.push(...reporter.kept)
  }
  console.log(`\n${table(['figure', 'measured', 'aim', '', 'command'], rows)}`)
  if (options.write) await writePlots(kept)
  if (failed.length > 0) console.log(`\nCould not be measured: ${failed.join(', ')}`)
  return failed.length > 0 ? 1 : 0
}

const help = programsHelp(
  'npm run bench',
  'Measures Reachable on this machine and prints the figures of docs/MEASUREMENTS.md beside their aims.',
  benchmarks,
  {
    options: benchOptionWords,
    examples: ['npm run bench -- ring false-green', 'npm run bench -- devices --devices 1000'],
    more: 'Ends with 0 even when an aim was missed.',
  },
)

process.exit(await bench(readCommandLine(help, (argv) => parseBenchOptions(argv, help))))
