/** How long sessions live, in milliseconds. */
export interface SessionLifetimes {
  /** After they were last used, of those who stay signed in. */
  readonly persistent: number
  /** The same, of everybody else. */
  readonly transient: number
  /** However much they are used, of those who stay signed in. */
  readonly longestPersistent: number
  /** The same, of everybody else. */
  readonly longestTransient: number
}

const day = 86_400_000

export const defaultLifetimes: SessionLifetimes = {
  persistent: 30 * day,
  transient: day / 2,
  longestPersistent: 365 * day,
  longestTransient: 7 * day,
}

/** How long a session lives after it was used, if it lives no longer than `longestLifeOf`. */
export const lifetimeOf = (lifetimes: SessionLifetimes, staySignedIn: boolean): number =>
  Math.min(staySignedIn ? lifetimes.persistent : lifetimes.transient, longestLifeOf(lifetimes, staySignedIn))

/** How long a session lives at most, from its beginning. */
export const longestLifeOf = (lifetimes: SessionLifetimes, staySignedIn: boolean): number =>
  staySignedIn ? lifetimes.longestPersistent : lifetimes.longestTransient

/** A use is written down this often at most: seldom, and often enough that no used session ends. */
export const lengthenedEvery = (life: number): number => Math.min(3_600_000, life / 12)
