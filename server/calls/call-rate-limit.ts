import type { Clock } from '../clock.ts'
import { bucketsOf } from '../database/shared-buckets.ts'
import type { Database } from '../database/tables.ts'
import type { BucketSize } from '../leaky-bucket.ts'

export interface CallRates {
  /** Calls that one API key may place in a minute; a sixth of them at once. */
  readonly perMinute: number
  /** Of these to one person; all of them at once. */
  readonly perMinuteToOne: number
}

const sizeOfKey = ({ perMinute }: CallRates): BucketSize => ({
  atOnce: Math.max(1, perMinute / 6),
  perSecond: perMinute / 60,
})

const sizeOfCallee = ({ perMinuteToOne }: CallRates): BucketSize => ({
  atOnce: perMinuteToOne,
  perSecond: perMinuteToOne / 60,
})

/** How fast calls may be placed. Counted by key (a person's calls by the person), and by key and callee: no key uses up what another may do. */
export interface CallRateLimit {
  /** Counts a call of the key that is to be placed now. @returns how many ms it has to wait; 0 for none. */
  ofKey(key: string): Promise<number>
  /** Counts whom the call is for. One that has to wait for that does not count for the key. @returns as above. */
  ofCallee(key: string, callee: string): Promise<number>
}

interface CallRateLimitDependencies {
  readonly callRates: CallRates
  readonly db: Database
  readonly clock: Clock
}

/** Exact over all nodes: a key would else call somebody so often by each of them. */
export function createCallRateLimit(dependencies: CallRateLimitDependencies): CallRateLimit {
  const { callRates } = dependencies
  const keys = bucketsOf(dependencies, 'calls-of-key', sizeOfKey(callRates))
  const callees = bucketsOf(dependencies, 'calls-to-one', sizeOfCallee(callRates))
  return {
    ofKey: (key) => keys.pour(key),
    async ofCallee(key, callee) {
      const wait = await callees.pour(`${key} ${callee}`)
      if (wait > 0) await keys.takeBack(key)
      return wait
    },
  }
}
