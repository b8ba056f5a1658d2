import { randomInt } from 'node:crypto'
import { inRoot } from '../../scripts/root.ts'

/** One long proof: a program that tries much, in so many minutes at most on two cores. */
export interface Proof {
  readonly what: string
  readonly minutes: number
  /** What to run, by the project's own Node. `seed` makes what is random again. */
  readonly command: (seed: number) => {
    readonly parameters: readonly string[]
    readonly env: NodeJS.ProcessEnv
  }
  /** Null when nothing of it is random. */
  readonly seeds: boolean
}

const vitest = (...parameters: readonly string[]) => [
  inRoot('node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--reporter=verbose',
  ...parameters,
]

const schedules = 1_000_000

/**
 * In the order in which they run. Each program ends with 0 when all is well; what it tried it says in lines that
 * begin with `tried: `.
 */
export const proofs = {
  exhaustive: {
    what: 'every order in which messages, deaths and faults can meet',
    minutes: 7,
    command: () => ({
      parameters: vitest('--project', 'extension', 'tests/extension/reachability/exhaustive'),
      env: { EXHAUSTIVE: 'deep' },
    }),
    seeds: false,
  },
  coverage: {
    what: 'random schedules alone reach every branch of what decides',
    minutes: 2,
    command: (seed) => ({
      parameters: [inRoot('tests', 'prove', 'coverage.ts')],
      env: { JUDGE_SEED: String(seed) },
    }),
    seeds: true,
  },
  mutation: {
    what: 'no change of what decides goes unnoticed',
    minutes: 14,
    command: () => ({ parameters: [inRoot('tests', 'prove', 'mutation', 'mutate.ts')], env: {} }),
    seeds: false,
  },
  schedules: {
    what: `${schedules.toLocaleString('en')} random schedules of each property`,
    minutes: 22,
    command: (seed) => ({
      parameters: vitest('--project', 'extension', 'tests/extension/reachability/truth.test.ts'),
      env: { TRUTH_SCHEDULES: String(schedules), TRUTH_SEED: String(seed) },
    }),
    seeds: true,
  },
} satisfies Record<string, Proof>

export type ProofName = keyof typeof proofs

export const proofNames = Object.keys(proofs) as ProofName[]

export const newSeed = () => randomInt(2 ** 31)
