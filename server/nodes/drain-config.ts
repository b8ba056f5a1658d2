import * as v from 'valibot'
import { type ReadFrom, wholeNumber } from '../environment.ts'

const drainRule = 'DRAIN_SECONDS must be a whole number from 0 to 600.'

export const drainEnvironment = {
  DRAIN_SECONDS: v.optional(wholeNumber(0, 600, drainRule), '60'),
}

export interface DrainConfig {
  /** For so long at most, in ms, devices may move to other nodes when one of several stops; a server alone stops at once. */
  readonly drainFor: number
}

export const drainConfig = (environment: ReadFrom<typeof drainEnvironment>): DrainConfig => ({
  drainFor: environment.DRAIN_SECONDS * 1_000,
})
