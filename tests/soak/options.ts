import { parseArgs } from 'node:util'

export interface SoakOptions {
  readonly minutes: number
  /** Whether faults are made at random. */
  readonly faults: boolean
  /** The same seed makes the same faults. */
  readonly seed: number
}

const variable = 'REACHABLE_SOAK'

/** Reads the command line. @throws for an option that there is not, or whose value is none. */
export function parseSoakOptions(parameters: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    allowPositionals: true,
    options: {
      minutes: { type: 'string', default: '60' },
      faults: { type: 'boolean', default: false },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  })
  const options: SoakOptions = {
    minutes: Number(values.minutes),
    faults: values.faults,
    seed: Number(values.seed),
  }
  if (!(options.minutes > 0) || !Number.isInteger(options.seed))
    throw new Error('--minutes and --seed are numbers.')
  return { names: positionals, options }
}

/** Hands the options to the processes in which Vitest runs the soaks: there `soakOptions` has them. */
export const passOn = (options: SoakOptions): void => {
  process.env[variable] = JSON.stringify(options)
}

export const soakOptions = (): SoakOptions =>
  JSON.parse(process.env[variable] ?? '{"minutes":1,"faults":false,"seed":1}')
