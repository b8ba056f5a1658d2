import { goodFor, probeEvery } from '../database/write-probe.ts'

/** The numbers by which nodes believe one another alive, in ms, and what has to hold between them (R1.2). */
export interface NodeTiming {
  /** A node writes that it can write this often. */
  readonly writesEvery: number
  /** A node has dropped every lease that began its last write so long ago, by its own monotonic clock. */
  readonly goodFor: number
  /** How late it may notice that: two of the shared tick. One that is frozen grants nothing, and notices first. */
  readonly noticedWithin: number
  /** A node whose last write is older is dead. */
  readonly deadAfter: number
  /** The others are looked at this often. */
  readonly looksEvery: number
}

export const nodeTiming: NodeTiming = {
  writesEvery: probeEvery,
  goodFor,
  noticedWithin: 200,
  deadAfter: 8_000,
  looksEvery: 1_000,
}

/** A dead node is found within this time of its last write. */
const foundWithin = 10_000

/** @returns one sentence for each broken relation; an empty list when all hold. */
export function nodeTimingProblems(timing: NodeTiming): string[] {
  const { writesEvery, goodFor: good, noticedWithin, deadAfter, looksEvery } = timing
  const problems: string[] = []
  if (!Object.values(timing).every((ms) => Number.isFinite(ms) && ms > 0))
    problems.push('each timing must be a positive number of milliseconds')
  if (good + noticedWithin >= deadAfter)
    problems.push('a node must have dropped its leases before any other believes it dead')
  if (writesEvery + looksEvery >= good)
    problems.push('a node that writes in time must be seen to before its last write is too old')
  if (deadAfter + 2 * looksEvery > foundWithin)
    problems.push('a dead node must be found within 10 s of its last write')
  return problems
}

for (const problem of nodeTimingProblems(nodeTiming))
  throw new Error(`server/nodes/node-timing.ts: ${problem}`)

/** What is known of another node's last write. */
export interface LastWriteSeen {
  /** How old it is by the database's clock, ms. */
  readonly age: number
  /** For how long no other write was seen, by the monotonic clock of whoever looks, ms. */
  readonly unchangedFor: number
}

/**
 * Whether a node is dead. The database's clock alone is not believed, for somebody may set it: nobody is dead who may have
 * written within `goodFor` by the clock of whoever looks.
 */
export const isDead = ({ age, unchangedFor }: LastWriteSeen, timing: NodeTiming = nodeTiming): boolean =>
  unchangedFor > timing.deadAfter ||
  (age > timing.deadAfter && unchangedFor > timing.goodFor + timing.noticedWithin)
