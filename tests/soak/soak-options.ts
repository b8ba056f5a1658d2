import { parseArgs } from 'node:util'

export interface SoakOptions {
  readonly minutes: number
  /** Whether faults are made at random. */
  readonly faults: boolean
  /** The same seed makes the same faults. */
  readonly seed: number
}

const variable = 'REACHABLE_SOAK'

/** Reads the command line; what runs the soak reads it from the environment. @throws for an option that there is not. */
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
  process.env[variable] = JSON.stringify(options)
  return { names: positionals, options }
}

export const soakOptions = (): SoakOptions =>
  JSON.parse(process.env[variable] ?? '{"minutes":1,"faults":false,"seed":1}')
