import type { VisitRow } from '../database/place-tables.ts'

/** So many visits at a time come from one address: a household, or a waiting room. */
export const mostFromAddress = 3

const ofCustomer = [
  { rings: mostFromAddress, within: 60_000 },
  { rings: 10, within: 900_000 },
]

/**
 * So often a place rings, or may yet, and nobody answers, of one visitor alone: fewer than let it ring no more for
 * anybody (`mostUnanswered`). How much of IPv6 is one visitor's is not known: so each network that may be counts.
 */
const shares = [
  { of: 'address', limits: ofCustomer },
  { of: 'home', limits: ofCustomer },
  {
    of: 'site',
    limits: [
      { rings: 4, within: 60_000 },
      { rings: 15, within: 900_000 },
    ],
  },
] as const

export type VisitorNetworks = Pick<VisitRow, 'address' | 'home' | 'site'>

/** The visits of a place that nobody has answered. */
export interface UnansweredVisits {
  /** In line, or ringing. */
  readonly open: readonly VisitorNetworks[]
  /** When these rang. */
  readonly over: readonly (VisitorNetworks & { readonly calledAt: number })[]
}

/**
 * Whether a place has room for one visit more from these networks.
 *
 * @param now wall-clock ms. @returns how many ms until it has; null where that is once one of theirs is over.
 */
export function waitForShare(
  networks: VisitorNetworks,
  { open, over }: UnansweredVisits,
  now: number,
): number | null {
  let longest = 0
  for (const { of, limits } of shares) {
    const isOwn = (visit: VisitorNetworks) => visit[of] === networks[of]
    const { length: ownOpen } = open.filter(isOwn)
    const rang = over
      .filter(isOwn)
      .map(({ calledAt }) => calledAt)
      .toSorted((a, b) => a - b)
    for (const { rings, within } of limits) {
      if (ownOpen >= rings) return null
      // Once this one is over for so long, there is room for one more than those under way.
      const last = rang.at(ownOpen - rings)
      if (last !== undefined) longest = Math.max(longest, last + within - now)
    }
  }
  return longest
}
