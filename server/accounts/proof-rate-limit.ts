import { addressKey } from './address-key.ts'

/**
 * How many good proofs are remembered: each costs a commit. What is known (a key with which somebody signed in, a
 * session, the token that ends one, a code) counts by itself alone, so that nobody else keeps it waiting. Strangers count
 * by key and by address: keys are made for nothing, addresses are not.
 */

/** So many at once, and so many a second after. */
export interface Share {
  readonly atOnce: number
  readonly perSecond: number
}

/** Far more than any device asks, even one that many people use in turn. */
export const shareOfKnown: Share = { atOnce: 100, perSecond: 2 }
/** Enough to mistype a password for a while; little enough that one device leaves room for others behind its address. */
export const shareOfKey: Share = { atOnce: 30, perSecond: 1 }
/** A few hundred people behind one address may log in on new devices within the same moment. */
export const shareOfAddress: Share = { atOnce: 300, perSecond: 6 }

/** Of each kind so many are remembered; beyond, the one that was heard of longest ago is forgotten. */
const mostRemembered = 10_000

/** A leaky bucket: how full it is at the moment `at`, monotonic ms. */
export interface Bucket {
  readonly proofs: number
  readonly at: number
}

/**
 * Puts one more proof into a bucket at `now` (monotonic ms), if there is room.
 *
 * @returns the bucket then, and how many ms to wait; 0 when it may go on.
 */
export function addProof(
  bucket: Bucket | undefined,
  { atOnce, perSecond }: Share,
  now: number,
): { readonly bucket: Bucket; readonly wait: number } {
  const left = bucket ? Math.max(0, bucket.proofs - ((now - bucket.at) / 1_000) * perSecond) : 0
  const proofs = left + 1
  if (proofs <= atOnce) return { bucket: { proofs, at: now }, wait: 0 }
  return { bucket: { proofs: left, at: now }, wait: Math.ceil(((proofs - atOnce) / perSecond) * 1_000) }
}

/** Counts one proof at `now` (monotonic ms), and says how many ms it has to wait; 0 when it may go on. */
export interface ProofRateLimit {
  /** @param name of what is known. */
  ofKnown(name: string, now: number): number
  /** A key beyond its own share takes nothing from its address, and an address that is full nothing from the key. */
  ofStranger(stranger: { readonly key: string; readonly address: string }, now: number): number
}

export function createProofRateLimit(most = mostRemembered): ProofRateLimit {
  // Apart: however many keys and addresses strangers come with, what is known stays.
  const known = createBuckets(shareOfKnown, most)
  const keys = createBuckets(shareOfKey, most)
  const addresses = createBuckets(shareOfAddress, most)
  return {
    ofKnown: (name, now) => known.add(name, now),
    ofStranger({ key, address }, now) {
      const from = addressKey(address)
      return keys.waitOf(key, now) || addresses.add(from, now) || keys.add(key, now)
    },
  }
}

function createBuckets(share: Share, most: number) {
  const buckets = new Map<string, Bucket>()
  return {
    waitOf: (name: string, now: number) => addProof(buckets.get(name), share, now).wait,
    add(name: string, now: number): number {
      const { bucket, wait } = addProof(buckets.get(name), share, now)
      buckets.delete(name)
      buckets.set(name, bucket)
      const [oldest] = buckets.keys()
      if (buckets.size > most && oldest !== undefined) buckets.delete(oldest)
      return wait
    },
  }
}
