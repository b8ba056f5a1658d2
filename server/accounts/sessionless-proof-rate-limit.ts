import { addressKey } from './address-key.ts'

/**
 * How many good proofs that belong to no session an address may have remembered: each costs a commit. A
 * few hundred people behind one address may log in within the same moment, and six more each second.
 */
const atOnce = 300
const perSecond = 6
/** The addresses that are remembered; beyond, the one that was heard of longest ago is forgotten. */
const mostAddresses = 10_000

/** A leaky bucket of one address: how full it is at the moment `at`, monotonic ms. */
export interface Bucket {
  readonly proofs: number
  readonly at: number
}

/**
 * Puts one more proof of an address into its bucket at `now` (monotonic ms), if there is room.
 *
 * @returns the bucket then, and how many ms the address has to wait; 0 when it may go on.
 */
export function addProof(
  bucket: Bucket | undefined,
  now: number,
): { readonly bucket: Bucket; readonly wait: number } {
  const left = bucket ? Math.max(0, bucket.proofs - ((now - bucket.at) / 1_000) * perSecond) : 0
  const proofs = left + 1
  if (proofs <= atOnce) return { bucket: { proofs, at: now }, wait: 0 }
  return { bucket: { proofs: left, at: now }, wait: Math.ceil(((proofs - atOnce) / perSecond) * 1_000) }
}

/** @returns what counts one proof of an address at `now`, and says how many ms it has to wait; 0 for none. */
export function createSessionlessProofRateLimit(
  most = mostAddresses,
): (address: string, now: number) => number {
  const addresses = new Map<string, Bucket>()
  return (address, now) => {
    const key = addressKey(address)
    const { bucket, wait } = addProof(addresses.get(key), now)
    addresses.delete(key)
    addresses.set(key, bucket)
    const [oldest] = addresses.keys()
    if (addresses.size > most && oldest !== undefined) addresses.delete(oldest)
    return wait
  }
}
