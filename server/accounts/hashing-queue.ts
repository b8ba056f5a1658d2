/**
 * Who may hash next. A password takes a core for a while, and 46 MiB: so many are hashed at once, some wait, and
 * whoever comes beyond that is told to come again. Nobody's flood takes anybody else's turn.
 */

/** For whom something is hashed. */
export interface Turn {
  /** `known` for who has shown what no stranger has: a device that signed in before, a link, a session, a key. */
  readonly priority: 'known' | 'unknown'
  /** Turns are shared out evenly among these; for a stranger what their address is counted by. */
  readonly from: string
}

/** One turn that was asked for; a later one has a higher number. */
export interface Ticket extends Turn {
  readonly number: number
}

export interface HashingQueue {
  readonly running: number
  /** In the order in which they came. */
  readonly waiting: readonly Ticket[]
  /** How many turns each has had since `countedSince`, ms. */
  readonly had: ReadonlyMap<string, number>
  readonly countedSince: number
}

/** Half of libuv's threads: files and names are looked up by the same ones. Two take 92 MiB. */
const mostRunning = 2

/** Strangers wait for less than a second, at 60 ms each; the others can be no flood. */
const mostWaiting = { known: 64, unknown: 24 } as const satisfies Record<Turn['priority'], number>

/** Who had many turns is behind who had few, for so long, in ms. */
const countedFor = 60_000

export const emptyQueue = (now: number): HashingQueue => ({
  running: 0,
  waiting: [],
  had: new Map(),
  countedSince: now,
})

export interface Admission {
  readonly queue: HashingQueue
  /** Whose turn it is now. */
  readonly started: Ticket | undefined
  /** Who is told to come again: the newcomer, or somebody who waited. */
  readonly refused: Ticket | undefined
}

/** Somebody wants a turn at `now`, monotonic ms. */
export function enqueue(before: HashingQueue, ticket: Ticket, now: number): Admission {
  const queue = forgetful(before, now)
  if (queue.running < mostRunning)
    return { queue: started(queue, ticket), started: ticket, refused: undefined }
  const waiting = [...queue.waiting, ticket]
  const alike = waiting.filter(({ priority }) => priority === ticket.priority)
  if (alike.length <= mostWaiting[ticket.priority])
    return { queue: { ...queue, waiting }, started: undefined, refused: undefined }
  const refused = greediest(queue, alike)
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

const started = (queue: HashingQueue, { from }: Ticket): HashingQueue => ({
  ...queue,
  running: queue.running + 1,
  had: new Map(queue.had).set(from, had(queue, from) + 1),
})

const had = (queue: HashingQueue, from: string): number => queue.had.get(from) ?? 0

const forgetful = (queue: HashingQueue, now: number): HashingQueue =>
  now - queue.countedSince < countedFor ? queue : { ...queue, had: new Map(), countedSince: now }

/** Whoever has the right of way, of those who had the fewest turns, of those who came first. */
function nextOf(queue: HashingQueue): Ticket | undefined {
  const rank = ({ priority }: Ticket) => (priority === 'known' ? 0 : 1)
  return queue.waiting.reduce<Ticket | undefined>((best, one) => {
    if (!best) return one
    const order = rank(one) - rank(best) || had(queue, one.from) - had(queue, best.from)
    return order < 0 ? one : best
  }, undefined)
}

/**
 * The last to come of those who had and want the most turns together. Of several who are alike it is who has waited
 * longest: else whoever fills the queue first would keep it, and everybody else out.
 *
 * @param wanting not empty.
 */
function greediest(queue: HashingQueue, wanting: readonly Ticket[]): Ticket | undefined {
  const wanted = new Map<string, Ticket[]>()
  for (const ticket of wanting) wanted.set(ticket.from, [...(wanted.get(ticket.from) ?? []), ticket])
  const share = ([from, tickets]: readonly [string, readonly Ticket[]]) => had(queue, from) + tickets.length
  const most = [...wanted].reduce((one, other) => (share(other) > share(one) ? other : one))
  return most[1].at(-1)
}
