import { type BucketSize, createBuckets } from '../leaky-bucket.ts'
import { addressKey } from './address-key.ts'

/**
 * How many good proofs are remembered: each costs a commit. What is known (a key with which somebody signed in, a
 * session, the token that ends one, a code) counts by itself alone, so that nobody else keeps it waiting. Strangers count
 * by key and by address: keys are made for nothing, addresses are not.
 *
 * Of several nodes each counts alone: what is limited is a commit for each proof, and counting it over all of them would
 * be one more. What guesses passwords is counted over all (failed attempts are rows).
 */

/** Far more than any device asks, even one that many people use in turn. */
const shareOfKnown: BucketSize = { atOnce: 60, perSecond: 1 }
/** Enough to mistype a password for a while; little enough that one device leaves room for others behind its address. */
const shareOfKey: BucketSize = { atOnce: 30, perSecond: 1 }
/** A few hundred people behind one address may log in on new devices within the same moment. */
const shareOfAddress: BucketSize = { atOnce: 300, perSecond: 6 }

/** Counts one proof at `now` (monotonic ms), and says how many ms it has to wait; 0 when it may go on. */
export interface ProofRateLimit {
  /** @param name of what is known. */
  ofKnown(name: string, now: number): number
  /** A key beyond its own share takes nothing from its address, and an address that is full nothing from the key. */
  ofStranger(stranger: { readonly key: string; readonly address: string }, now: number): number
  /** How many names are in memory: no more than had a proof let in within the last minute, and a few. */
  readonly remembered: number
}

export function createProofRateLimit(): ProofRateLimit {
  const known = createBuckets(shareOfKnown)
  const keys = createBuckets(shareOfKey)
  const addresses = createBuckets(shareOfAddress)
  return {
    ofKnown: (name, now) => known.pour(name, now),
    ofStranger({ key, address }, now) {
      const from = addressKey(address)
      // The address first, and given back: of ever new keys that are refused none is kept in memory.
      const wait = addresses.pour(from, now)
      if (wait > 0) return wait
      const own = keys.pour(key, now)
      if (own > 0) addresses.takeBack(from)
      return own
    },
    get remembered() {
      return known.count + keys.count + addresses.count
    },
  }
}
