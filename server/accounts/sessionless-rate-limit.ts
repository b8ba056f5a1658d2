import { addressKey } from './address-key.ts'

/**
 * How many good proofs that belong to no session an address may have remembered: each costs a commit. A
 * few hundred people behind one address may log in within the same moment, and six more each second.
 */
const atOnce = 300
const perSecond = 6
/** The addresses that are remembered; beyond, the one that was heard of longest ago is forgotten. */
const mostAddresses = 10_000

/** What an address has used of what it may by the moment `at`, monotonic ms. */
export interface Used {
  readonly proofs: number
  readonly at: number
}

/**
 * Counts one more proof of an address at `now` (monotonic ms).
 *
 * @returns what is used then, and how many ms the address has to wait; 0 when it may go on.
 */
export function useOne(used: Used | undefined, now: number): { readonly used: Used; readonly wait: number } {
  const left = used ? Math.max(0, used.proofs - ((now - used.at) / 1_000) * perSecond) : 0
  const proofs = left + 1
  if (proofs <= atOnce) return { used: { proofs, at: now }, wait: 0 }
  return { used: { proofs: left, at: now }, wait: Math.ceil(((proofs - atOnce) / perSecond) * 1_000) }
}

/** @returns what counts one proof of an address at `now`, and says how many ms it has to wait; 0 for none. */
export function sessionlessRateLimit(most = mostAddresses): (address: string, now: number) => number {
  const addresses = new Map<string, Used>()
  return (address, now) => {
    const key = addressKey(address)
    const { used, wait } = useOne(addresses.get(key), now)
    addresses.delete(key)
    addresses.set(key, used)
    const [oldest] = addresses.keys()
    if (addresses.size > most && oldest !== undefined) addresses.delete(oldest)
    return wait
  }
}
