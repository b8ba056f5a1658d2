/**
 * How much a connection may say: so many frames in so many milliseconds, and few messages that mean nothing. A window and no
 * leaky bucket: nobody is let wait here, whoever says more is cut off, and L2.3 says that to them as a number.
 */
const frames = 30
const every = 10_000
const unknowns = 20
/** Of requests and the like, which people make in quick succession and programs answer by a refusal. */
const ofPeople = 200

export interface MessageBudget {
  readonly since: number
  readonly heard: number
  /** Those about people (`protocol/people.ts`), which are not among `heard`. */
  readonly people: number
  readonly unknown: number
}

export const fullBudget = (now: number): MessageBudget => ({
  since: now,
  heard: 0,
  people: 0,
  unknown: 0,
})

/** Counts one frame heard at `now` (monotonic ms). */
export const spend = (budget: MessageBudget, now: number): MessageBudget =>
  now - budget.since >= every
    ? { since: now, heard: 1, people: 0, unknown: budget.unknown }
    : { ...budget, heard: budget.heard + 1 }

/** Counts the frame that was heard last as one about people. */
export const spendOnPeople = (budget: MessageBudget): MessageBudget => ({
  ...budget,
  heard: Math.max(0, budget.heard - 1),
  people: budget.people + 1,
})

/** Counts that it was a message of no known type, for the whole life of the connection. */
export const spendOnUnknown = (budget: MessageBudget): MessageBudget => ({
  ...budget,
  unknown: budget.unknown + 1,
})

export const isSpent = ({ heard, people, unknown }: MessageBudget): boolean =>
  heard > frames || people > ofPeople || unknown >= unknowns
