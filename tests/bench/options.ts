import { type CommandHelp, parseWords, usageError } from '../../server/command-line.ts'

/** How much the benchmarks of servers are given to bear. */
export interface BenchSizes {
  /** Devices that are connected at once, or, where it is told as from a few to many, in the end. */
  readonly devices: number
  /** Calls whose time to the ring is counted. */
  readonly calls: number
  /** People who have an account, in the end. */
  readonly people: number
}

interface BenchOptions extends BenchSizes {
  /** Whether the plots of docs/ are drawn anew. */
  readonly write: boolean
}

const variable = 'REACHABLE_BENCH'

const usual: BenchSizes = { devices: 10_000, calls: 1_000, people: 1_000_000 }

export const benchOptionWords = [
  ['--devices N', `so many are connected; ${usual.devices} by default`],
  ['--calls N', `so many rings are timed; ${usual.calls} by default`],
  ['--people N', `so many have an account in the end; ${usual.people} by default`],
  ['--write', 'draws the plots of docs/plots anew, from what is measured now'],
] as const

/** Reads the command line. @throws CommandError for an option that there is not, or whose value is none. */
export function parseBenchOptions(argv: readonly string[], help: CommandHelp) {
  const options = {
    devices: { type: 'string', default: String(usual.devices) },
    calls: { type: 'string', default: String(usual.calls) },
    people: { type: 'string', default: String(usual.people) },
    write: { type: 'boolean', default: false },
  } as const
  const { values, positionals } = parseWords(argv, options, help)
  const [devices, calls, people] = [values.devices, values.calls, values.people].map(Number)
  const given: BenchOptions = {
    devices: devices ?? 0,
    calls: calls ?? 0,
    people: people ?? 0,
    write: values.write,
  }
  if (![given.devices, given.calls, given.people].every((n) => Number.isInteger(n) && n >= 100))
    throw usageError('--devices, --calls and --people are numbers, of at least 100.', help)
  return { names: positionals, options: given }
}

/** Hands the sizes to the processes in which Vitest runs the benchmarks: there `benchSizes` has them. */
export const passOn = (sizes: BenchSizes): void => {
  process.env[variable] = JSON.stringify(sizes)
}

export const benchSizes = (): BenchSizes => {
  const given = process.env[variable]
  return given === undefined ? usual : (JSON.parse(given) as BenchSizes)
}
