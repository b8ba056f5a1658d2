import { addressKey } from '../accounts/address-key.ts'
import { keyedHash } from '../accounts/secrets.ts'
import type { Clock } from '../clock.ts'
import { bucketsOf } from '../database/shared-buckets.ts'
import type { Database } from '../database/tables.ts'
import { createBuckets } from '../leaky-bucket.ts'

/** What one address may ask for at once, and then in a second: a waiting room looks at one place from one address. */
const looking = { atOnce: 200, perSecond: 20 }
const visiting = { atOnce: 6, perSecond: 1 / 30 }
const leaving = { atOnce: 3, perSecond: 1 / 300 }
/** Messages to one place, from wherever. */
const leavingTo = { atOnce: 20, perSecond: 1 / 60 }

/** More than this is asked of a place, besides looking at it, and each is to show some work first. */
const withoutWork = { atOnce: 12, perSecond: 1 }

export interface VisitorLimitDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly secret: string
}

/** How often visitors may ask for what. Each that has to wait is told so, and nothing of what they asked for is done. */
export interface VisitorLimits {
  /** A keyed hash of an address: all that is kept of where a visitor comes from. */
  nameOf(address: string): string
  /** @returns how many ms to wait; 0 for none. */
  look(address: string): number
  visit(address: string): Promise<number>
  leave(address: string, placeId: string): Promise<number>
  /** Whether so much is asked of a place now that each has to show work. Counted by each node for itself. */
  isLoaded(placeId: string): boolean
}

export function createVisitorLimits({ db, clock, secret }: VisitorLimitDependencies): VisitorLimits {
  const looks = createBuckets(looking)
  const load = createBuckets(withoutWork)
  const visits = bucketsOf({ db, clock }, 'visits-of-address', visiting)
  const left = bucketsOf({ db, clock }, 'messages-of-visitor', leaving)
  const leftTo = bucketsOf({ db, clock }, 'messages-to-place', leavingTo)
  const nameOf = (address: string) => keyedHash(secret, 'visitor', addressKey(address))
  return {
    nameOf,
    look: (address) => looks.pour(addressKey(address), clock.monotonic()),
    visit: (address) => visits.pour(nameOf(address)),
    async leave(address, placeId) {
      const wait = await left.pour(nameOf(address))
      if (wait > 0) return wait
      const waitForPlace = await leftTo.pour(placeId)
      if (waitForPlace > 0) await left.takeBack(nameOf(address))
      return waitForPlace
    },
    isLoaded: (placeId) => load.pour(placeId, clock.monotonic()) > 0,
  }
}
