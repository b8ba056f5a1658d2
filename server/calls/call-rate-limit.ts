import { type BucketSize, createBuckets } from '../leaky-bucket.ts'

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

/** How fast calls may be placed. Counted by key, and by key and callee: no key uses up what another may do. */
export interface CallRateLimit {
  /** Counts a call of the key that is to be placed at `now` (monotonic ms). @returns how many ms it has to wait; 0 for none. */
  ofKey(key: string, now: number): number
  /** Counts whom the call is for. One that has to wait for that does not count for the key. @returns as above. */
  ofCallee(key: string, callee: string, now: number): number
}

export function createCallRateLimit(rates: CallRates): CallRateLimit {
  const keys = createBuckets(sizeOfKey(rates))
  const callees = createBuckets(sizeOfCallee(rates))
  return {
    ofKey: (key, now) => keys.pour(key, now),
    ofCallee(key, callee, now) {
      const wait = callees.pour(`${key} ${callee}`, now)
      if (wait > 0) keys.takeBack(key)
      return wait
    },
  }
}
