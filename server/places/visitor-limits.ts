import { addressKey, customerNetworks } from '../accounts/address-key.ts'
import { keyedHash } from '../accounts/secrets.ts'
import type { Clock } from '../clock.ts'
import { bucketsOf, type SharedBuckets } from '../database/shared-buckets.ts'
import type { Database } from '../database/tables.ts'
import { type BucketSize, createBuckets } from '../leaky-bucket.ts'
import type { VisitorNetworks } from './share-of-visitor.ts'

/** What one address may ask for at once, and then in a second: a waiting room looks at one place from one address. */
const looking = { atOnce: 200, perSecond: 20 }
/** What the page of one visit may ask for: each asking is held for two seconds, unless something has changed. */
const following = { atOnce: 30, perSecond: 5 }
/** What one address that looks too often may ask for besides: whether its key has made a visit, of which it was not told. */
const askingAgain = { atOnce: 30, perSecond: 5 }
const visiting = { atOnce: 6, perSecond: 1 / 30 }
const leaving = { atOnce: 3, perSecond: 1 / 300 }
/** Messages to one place, from wherever. */
const leavingTo = { atOnce: 20, perSecond: 1 / 60 }

/** A /48 of IPv6 may be one customer’s, or that of many phones: twice what an address may. */
const ofSite = ({ atOnce, perSecond }: BucketSize): BucketSize => ({
  atOnce: 2 * atOnce,
  perSecond: 2 * perSecond,
})

/** More than this is asked of a place, besides looking at it, and each is to show some work first. */
const withoutWork = { atOnce: 12, perSecond: 1 }

export interface VisitorLimitDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly secret: string
}

/** How often visitors may ask for what. Each that has to wait is told so, and nothing of what they asked for is done. */
export interface VisitorLimits {
  /** Keyed hashes of an address and its networks: all that is kept of where a visitor comes from. */
  networksOf(address: string): VisitorNetworks
  /** @returns how many ms to wait; 0 for none. */
  look(address: string): number
  /** The same of a visit that may be there already, for who looks too often. */
  again(address: string): number
  /** @param id of a visit, whose secret was shown: nobody else uses up what its page may ask for. */
  follow(id: string): number
  visit(address: string): Promise<Poured>
  leave(address: string, placeId: string): Promise<Poured>
  /**
   * Whether so much is asked of a place now that each has to show work. Counted by each node for itself, of those alone whom
   * the limits of their address let in: nobody loads a place by themselves.
   */
  isLoaded(placeId: string): boolean
}

export interface Poured {
  /** How many ms to wait; 0 for none. */
  readonly wait: number
  /** Nothing came of it: it counts for nothing. Once, however often it is said. */
  readonly takeBack: () => Promise<void>
}

export function createVisitorLimits({ db, clock, secret }: VisitorLimitDependencies): VisitorLimits {
  const looks = createBuckets(looking)
  const agains = createBuckets(askingAgain)
  const follows = createBuckets(following)
  const load = createBuckets(withoutWork)
  const bucketsFor = (purpose: string, size: BucketSize) => bucketsOf({ db, clock }, purpose, size)
  const networksOf = (address: string): VisitorNetworks => {
    const hashed = (network: string) => keyedHash(secret, 'visitor', network)
    const [own, home, site] = customerNetworks(address)
    return { address: hashed(own), home: hashed(home), site: hashed(site) }
  }
  const limitOf = (purpose: string, size: BucketSize) => {
    const [own, ofSites] = [bucketsFor(purpose, size), bucketsFor(`${purpose}-site`, ofSite(size))]
    return (from: string): readonly Pour[] => {
      const { address, home, site } = networksOf(from)
      const narrow = [...new Set([address, home])].map((name): Pour => [own, name])
      return site === address ? narrow : [...narrow, [ofSites, site]]
    }
  }
  const visits = limitOf('visits-of-address', visiting)
  const left = limitOf('messages-of-visitor', leaving)
  const leftTo = bucketsFor('messages-to-place', leavingTo)
  return {
    networksOf,
    look: (address) => looks.pour(addressKey(address), clock.monotonic()),
    again: (address) => agains.pour(addressKey(address), clock.monotonic()),
    follow: (id) => follows.pour(id, clock.monotonic()),
    visit: (address) => pourAll(visits(address)),
    leave: (address, placeId) => pourAll([...left(address), [leftTo, placeId]]),
    isLoaded: (placeId) => load.pour(placeId, clock.monotonic()) > 0,
  }
}

/**
 * Does what was counted; where that fails it counts for nothing.
 *
 * @throws as `work` does, also where the count cannot be taken back.
 */
export async function doCounted<T>({ takeBack }: Poured, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await takeBack().catch(() => {})
    throw error
  }
}

/** Into which bucket, and its name. */
type Pour = readonly [SharedBuckets, string]

/** Pours into all of these, or none. */
async function pourAll(pours: readonly Pour[]): Promise<Poured> {
  for (const [n, [buckets, name]] of pours.entries()) {
    const wait = await buckets.pour(name)
    if (wait === 0) continue
    await takeAllBack(pours.slice(0, n))
    return { wait, takeBack: async () => {} }
  }
  let back: Promise<void> | undefined
  const takeBack = () => {
    back ??= takeAllBack(pours)
    return back
  }
  return { wait: 0, takeBack }
}

async function takeAllBack(pours: readonly Pour[]): Promise<void> {
  for (const [buckets, name] of pours) await buckets.takeBack(name)
}
