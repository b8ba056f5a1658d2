import { type CommandHelp, parseWords, usageError } from '../../server/command-line.ts'

export interface SoakOptions {
  readonly minutes: number
  /** Whether faults are made at random. */
  readonly faults: boolean
  /** The same seed makes the same faults. */
  readonly seed: number
  /** How many calls nodes are soaked with. */
  readonly calls: number
  /** How many devices nodes are drained under. */
  readonly devices: number
  /** Words in the names of the faults of nodes that are made; all where there are none. */
  readonly only: string
  /** Whether several faults of nodes are made at once, each with nodes of its own. */
  readonly atOnce: boolean
}

const variable = 'REACHABLE_SOAK'

export const soakOptionWords = [
  ['--minutes N', '60 by default'],
  ['--faults', 'breaks the way of calls at random'],
  ['--seed N', 'makes the same faults as another time'],
  ['--calls N', 'so many for the nodes; 100000 by default'],
  ['--devices N', 'so many while nodes are drained; 5000 by default'],
  ['--only WORDS', 'of the faults of nodes those whose names hold these words'],
  ['--at-once', 'makes five faults of nodes at a time, which is sooner done and measures worse'],
] as const

/** Reads the command line. @throws CommandError for an option that there is not, or whose value is none. */
export function parseSoakOptions(argv: readonly string[], help: CommandHelp) {
  const options = {
    minutes: { type: 'string', default: '60' },
    faults: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    calls: { type: 'string', default: '100000' },
    devices: { type: 'string', default: '5000' },
    only: { type: 'string', default: '' },
    'at-once': { type: 'boolean', default: false },
  } as const
  const { values, positionals } = parseWords(argv, options, help)
  const given: SoakOptions = {
    minutes: Number(values.minutes),
    faults: values.faults,
    seed: Number(values.seed),
    calls: Number(values.calls),
    devices: Number(values.devices),
    only: values.only,
    atOnce: values['at-once'],
  }
  const { minutes, seed, calls, devices } = given
  if (!(minutes > 0) || !Number.isInteger(seed) || !(calls > 0) || !(devices > 0))
    throw usageError('--minutes, --seed, --calls and --devices are numbers.', help)
  return { names: positionals, options: given }
}

/** Hands the options to the processes in which Vitest runs the soaks: there `soakOptions` has them. */
export const passOn = (options: SoakOptions): void => {
  process.env[variable] = JSON.stringify(options)
}

const unsaid = { minutes: 1, faults: false, seed: 1, calls: 300, devices: 60, only: '', atOnce: false }

export const soakOptions = (): SoakOptions => {
  const given = process.env[variable]
  return given === undefined ? unsaid : (JSON.parse(given) as SoakOptions)
}
