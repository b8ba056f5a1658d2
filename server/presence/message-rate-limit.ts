/**
 * How much a connection may say: so many frames in so many milliseconds, and few messages that mean nothing. A window and no
 * leaky bucket: nobody is let wait here, whoever says more is cut off, and L2.3 says that to them as a number.
 */
const frames = 30
const every = 10_000
const unknowns = 20

export interface MessageBudget {
  readonly since: number
  readonly heard: number
  readonly unknown: number
}

export const fullBudget = (now: number): MessageBudget => ({ since: now, heard: 0, unknown: 0 })

/** Counts one frame heard at `now` (monotonic ms). */
export const spend = (budget: MessageBudget, now: number): MessageBudget =>
  now - budget.since >= every
    ? { since: now, heard: 1, unknown: budget.unknown }
    : { ...budget, heard: budget.heard + 1 }

/** Counts that it was a message of no known type, for the whole life of the connection. */
export const spendOnUnknown = (budget: MessageBudget): MessageBudget => ({
  ...budget,
  unknown: budget.unknown + 1,
})

export const isSpent = (budget: MessageBudget): boolean => budget.heard > frames || budget.unknown >= unknowns
