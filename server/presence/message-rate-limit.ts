/**
 * How much a connection may say: so many frames in so many milliseconds, and few messages that mean nothing. A window and no
 * leaky bucket: nobody is let wait here, whoever says more is cut off, and L2.3 says that to them as a number.
 */
const frames = 30
const every = 10_000
const unknowns = 20
/** Of requests and the like, which people make in quick succession and programs answer by a refusal. */
const ofPeople = 200

/** Changed in place: a new one for each frame would be the oldest thing that a heartbeat leaves to be collected. */
export interface MessageBudget {
  since: number
  heard: number
  /** Those about people (`protocol/people.ts`), which are not among `heard`. */
  people: number
  unknown: number
}

export const fullBudget = (now: number): MessageBudget => ({
  since: now,
  heard: 0,
  people: 0,
  unknown: 0,
})

/** Counts one frame heard at `now` (monotonic ms). */
export function spend(budget: MessageBudget, now: number): void {
  if (now - budget.since >= every) {
    budget.since = now
    budget.heard = 0
    budget.people = 0
  }
  budget.heard += 1
}

/** Counts the frame that was heard last as one about people. */
export function spendOnPeople(budget: MessageBudget): void {
  budget.heard = Math.max(0, budget.heard - 1)
  budget.people += 1
}

/** Counts that it was a message of no known type, for the whole life of the connection. */
export function spendOnUnknown(budget: MessageBudget): void {
  budget.unknown += 1
}

export const isSpent = ({ heard, people, unknown }: MessageBudget): boolean =>
  heard > frames || people > ofPeople || unknown >= unknowns
