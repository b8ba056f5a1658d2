import { type Groups, greediest } from './greediest.ts'

/**
 * Who may hash next. A password takes a core for a while, and 46 MiB: so many are hashed at once, some wait, and
 * whoever comes beyond that is told to come again. Nobody's flood takes anybody else's turn.
 */

/** For whom something is hashed. */
export interface Turn {
  /** `known` for who has shown what no stranger has: a device that signed in before, a link, a session, a key. */
  readonly priority: 'known' | 'unknown'
  /** Turns are shared out evenly among these; for a stranger the networks that their address is in. */
  readonly from: Groups
}

/** One turn that was asked for; a later one has a higher number. */
export interface Ticket extends Turn {
  readonly number: number
}

export interface HashingQueue {
  readonly running: number
  /** In the order in which they came. */
  readonly waiting: readonly Ticket[]
  /** How many turns each group has had since `countedSince`, ms. */
  readonly had: ReadonlyMap<string, number>
  readonly countedSince: number
  /** How many turns those who are known had since a stranger had one. */
  readonly knownInARow: number
}

/** Half of libuv's threads: files and names are looked up by the same ones. Two take 92 MiB. */
const mostRunning = 2

/** Strangers wait for less than a second, at 60 ms each; the others can be no flood. */
const mostWaiting = { known: 64, unknown: 24 } as const satisfies Record<Turn['priority'], number>

/** So many turns in a row are for those who are known, where strangers wait as well: they too have to come in at last. */
const mostKnownInARow = 3

/** Who had many turns is behind who had few, for so long, in ms. */
const countedFor = 60_000

export const emptyQueue = (now: number): HashingQueue => ({
  running: 0,
  waiting: [],
  had: new Map(),
  countedSince: now,
  knownInARow: 0,
})

export interface Admission {
  readonly queue: HashingQueue
  /** Whose turn it is now. */
  readonly started: Ticket | undefined
  /** Who is told to come again: the newcomer, or somebody who waited. */
  readonly refused: Ticket | undefined
}

/**
 * Somebody wants a turn at `now`, monotonic ms.
 *
 * @param random a number from 0 up to but not including 1.
 */
export function enqueue(
  before: HashingQueue,
  ticket: Ticket,
  now: number,
  random: () => number = Math.random,
): Admission {
  const queue = forgetful(before, now)
  if (queue.running < mostRunning)
    return { queue: started(queue, ticket), started: ticket, refused: undefined }
  const waiting = [...queue.waiting, ticket]
  const alike = waiting.filter(({ priority }) => priority === ticket.priority)
  if (alike.length <= mostWaiting[ticket.priority])
    return { queue: { ...queue, waiting }, started: undefined, refused: undefined }
  const refused = greediest(alike, (group) => had(queue, group), random)
  return {
    queue: { ...queue, waiting: waiting.filter((one) => one !== refused) },
    started: undefined,
    refused,
  }
}

/** Somebody's turn is over at `now`, monotonic ms. */
export function finish(before: HashingQueue, now: number): Omit<Admission, 'refused'> {
  const queue = forgetful({ ...before, running: before.running - 1 }, now)
  const next = nextOf(queue)
  if (!next) return { queue, started: undefined }
  const waiting = queue.waiting.filter((one) => one !== next)
  return { queue: started({ ...queue, waiting }, next), started: next }
}

function started(queue: HashingQueue, { from, priority }: Ticket): HashingQueue {
  const turns = new Map(queue.had)
  for (const group of from) turns.set(group, had(queue, group) + 1)
  const knownInARow = priority === 'known' ? queue.knownInARow + 1 : 0
  return { ...queue, running: queue.running + 1, had: turns, knownInARow }
}

const had = (queue: HashingQueue, group: string): number => queue.had.get(group) ?? 0

const forgetful = (queue: HashingQueue, now: number): HashingQueue =>
  now - queue.countedSince < countedFor ? queue : { ...queue, had: new Map(), countedSince: now }

/** Of those who have the right of way who had the fewest turns, by the widest group first, of those who came first. */
function nextOf(queue: HashingQueue): Ticket | undefined {
  const first = queue.knownInARow < mostKnownInARow ? 'known' : 'unknown'
  const preferred = queue.waiting.filter(({ priority }) => priority === first)
  const candidates = preferred.length > 0 ? preferred : queue.waiting
  const turns = ({ from }: Ticket) => from.map((group) => had(queue, group))
  return candidates.reduce<Ticket | undefined>(
    (best, one) => (best && !isFewer(turns(one), turns(best)) ? best : one),
    undefined,
  )
}

function isFewer(some: readonly number[], others: readonly number[]): boolean {
  const level = some.findIndex((turns, n) => turns !== others[n])
  return level >= 0 && (some[level] ?? 0) < (others[level] ?? 0)
}
