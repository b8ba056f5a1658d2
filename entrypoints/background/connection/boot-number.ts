import { browser } from '../../../platform/browser.ts'
import { withTimeout } from '../../../platform/timeout.ts'
import { maxBoot } from '../../../protocol/connection.ts'

const key = 'boots'

/** A storage that takes longer, in milliseconds, fails: a hello waits for the number. */
const countedWithin = 3_000

export interface BootNumber {
  /**
   * The number of this start of the worker: higher than that of any start before, so that a connection of this worker
   * comes after every connection of an earlier one (T9). It is written down before it is given out.
   *
   * @throws when the browser cannot read or write; the next call tries again.
   */
  readonly current: () => Promise<number>
  /** Whether this worker has had that number. A copy of this profile may have had it too. */
  readonly isOwn: (number: number) => boolean
  /** From now on the number is higher than `above`, which a copy of this profile has used. */
  readonly renumber: (above: number) => void
}

export function createBootNumber(): BootNumber {
  let least = 0
  const own = new Set<number>()
  let counted: Promise<number> | undefined

  async function count(): Promise<number> {
    const { [key]: kept } = await withTimeout(browser.storage.local.get(key), countedWithin)
    const before = Math.max(Number.isSafeInteger(kept) ? Number(kept) : 0, least)
    // Nobody starts that often. What a copy or a bad server pushed to the end begins anew, or no start would be newer.
    const next = before < maxBoot ? before + 1 : 1
    await withTimeout(browser.storage.local.set({ [key]: next }), countedWithin)
    own.add(next)
    return next
  }

  return {
    current: () => {
      const counting = counted ?? count()
      counted = counting
      counting.catch(() => {
        if (counted === counting) counted = undefined
      })
      return counting
    },
    isOwn: (number) => own.has(number),
    renumber: (above) => {
      least = Math.max(least, above)
      // A count under way read the number before this was known, so the next one must come after it.
      const before = counted ?? Promise.resolve(0)
      const after = before.catch(() => 0).then((number) => (number > above ? number : count()))
      counted = after
      after.catch(() => {
        if (counted === after) counted = undefined
      })
    },
  }
}
