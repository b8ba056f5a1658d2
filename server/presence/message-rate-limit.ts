/** How much a connection may say: so many messages in so many milliseconds, and few that mean nothing. */
const messages = 30
const every = 10_000
const unknowns = 20

export interface Allowance {
  readonly since: number
  readonly heard: number
  readonly unknown: number
}

export const fullAllowance = (now: number): Allowance => ({ since: now, heard: 0, unknown: 0 })

/** Counts one message heard at `now` (monotonic ms). */
export const spend = (allowance: Allowance, now: number): Allowance =>
  now - allowance.since >= every
    ? { since: now, heard: 1, unknown: allowance.unknown }
    : { ...allowance, heard: allowance.heard + 1 }

/** Counts that the message was of no known type, for the whole life of the connection. */
export const spendOnUnknown = (allowance: Allowance): Allowance => ({
  ...allowance,
  unknown: allowance.unknown + 1,
})

export const isSpent = (allowance: Allowance): boolean =>
  allowance.heard > messages || allowance.unknown >= unknowns
