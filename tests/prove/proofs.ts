import { randomInt } from 'node:crypto'
import { inRoot } from '../../scripts/root.ts'

/** One long proof: a program that tries much, in so many minutes at most on two cores. */
export interface Proof {
  readonly what: string
  readonly minutes: number
  /** What to run, by the project's own Node. The same `seed` makes the same random choices. */
  readonly command: (seed: number) => {
    readonly parameters: readonly string[]
    readonly env: NodeJS.ProcessEnv
  }
  /** Whether anything of it is random. */
  readonly seeded: boolean
}

const vitest = (...parameters: readonly string[]) => [
  inRoot('node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--reporter=verbose',
  ...parameters,
]

const schedules = 20_000
const messageSchedules = 1_000
const roomSchedules = 5_000
const soakMinutes = 3
const callsUnderKills = 3_000
/** Half of them at one server, half over nodes. */
const pairs = 5_000
const hiddenCalls = 2_000
const lives = 1_000
const visitLives = 150
const soak = (...words: readonly string[]) => [inRoot('tests', 'soak', 'main.ts'), ...words]

/**
 * In the order in which they run. Each program ends with 0 when all is well; what it tried it says in lines that
 * begin with `tried: `.
 */
export const proofs = {
  exhaustive: {
    what: 'every order in which messages, deaths and faults can meet',
    minutes: 9,
    command: () => ({
      parameters: vitest('--project', 'extension', 'tests/extension/reachability/exhaustive'),
      env: { EXHAUSTIVE: 'deep' },
    }),
    seeded: false,
  },
  coverage: {
    what: 'random schedules alone reach every branch of what decides',
    minutes: 4,
    command: (seed) => ({
      parameters: [inRoot('tests', 'prove', 'coverage.ts')],
      env: { TRUTH_SEED: String(seed) },
    }),
    seeded: true,
  },
  mutation: {
    what: 'no change of what decides goes unnoticed',
    minutes: 11,
    command: () => ({ parameters: [inRoot('tests', 'prove', 'mutation', 'mutate.ts')], env: {} }),
    seeded: false,
  },
  schedules: {
    what: `${schedules.toLocaleString('en')} random schedules of each property, ${messageSchedules.toLocaleString('en')} of messages, and ${roomSchedules.toLocaleString('en')} of the two in a room`,
    minutes: 6,
    command: (seed) => ({
      parameters: vitest(
        ...['--project', 'extension', 'tests/extension/reachability/truth.test.ts'],
        'tests/extension/people/messages-exactly-once.test.ts',
        ...['--project', 'server', 'tests/server/rooms/whole-room-property.test.ts'],
        'tests/server/rooms/seat-reducer-property.test.ts',
        ...['--project', 'web', 'tests/web/room/room-reducer-property.test.ts'],
        'tests/web/room/negotiation-property.test.ts',
      ),
      env: {
        TRUTH_SCHEDULES: String(schedules),
        MESSAGE_SCHEDULES: String(messageSchedules),
        ROOM_SCHEDULES: String(roomSchedules),
        TRUTH_SEED: String(seed),
      },
    }),
    seeded: true,
  },
  calls: {
    what: `${pairs.toLocaleString('en')} pairs who call each other at once, ${hiddenCalls.toLocaleString('en')} calls to who is hidden, ${lives.toLocaleString('en')} random lives of calls, half as many of a place’s light, and ${visitLives} of its visits`,
    minutes: 5,
    command: (seed) => ({
      parameters: vitest(
        ...['--project', 'server', 'tests/server/calls/calling-each-other.test.ts'],
        ...['tests/server/calls/hidden-from-callers.test.ts'],
        'tests/server/calls/calls-of-people-property.test.ts',
        'tests/server/places/light-property.test.ts',
        'tests/server/places/visits-property.test.ts',
        'tests/server/places/visit-time.test.ts',
      ),
      env: {
        PAIRS: String(pairs / 2),
        PRIVATE_CALLS: String(hiddenCalls),
        TRUTH_SCHEDULES: String(lives / 2),
        VISIT_SCHEDULES: String(visitLives),
        TRUTH_SEED: String(seed),
      },
    }),
    seeded: true,
  },
  soak: {
    what: `both browsers alone for ${soakMinutes} minutes, with faults at random`,
    minutes: soakMinutes + 1,
    command: (seed) => ({
      parameters: soak('browsers', '--minutes', String(soakMinutes), '--faults', '--seed', String(seed)),
      env: {},
    }),
    seeded: true,
  },
  nodes: {
    what: `${callsUnderKills.toLocaleString('en')} calls under random kills of nodes, NATS and PostgreSQL`,
    minutes: 3,
    command: (seed) => ({
      parameters: soak('nodes', '--calls', String(callsUnderKills), '--seed', String(seed)),
      env: {},
    }),
    seeded: true,
  },
  faults: {
    what: 'each fault of nodes, NATS and PostgreSQL',
    minutes: 3,
    command: () => ({ parameters: soak('faults', '--at-once'), env: {} }),
    seeded: false,
  },
} satisfies Record<string, Proof>

export type ProofName = keyof typeof proofs

export const whatIsProven = Object.fromEntries(
  Object.entries(proofs).map(([name, { what }]) => [name, what]),
) as Record<ProofName, string>

export const newSeed = () => randomInt(2 ** 31)
