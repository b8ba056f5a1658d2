/** How long sessions live after they were last used, in milliseconds. */
export interface SessionLifetimes {
  /** Of those who stay signed in. */
  readonly persistent: number
  /** Of everybody else. */
  readonly transient: number
}

export const defaultLifetimes: SessionLifetimes = { persistent: 30 * 86_400_000, transient: 12 * 3_600_000 }

export const lifetimeOf = (lifetimes: SessionLifetimes, staySignedIn: boolean): number =>
  staySignedIn ? lifetimes.persistent : lifetimes.transient

/** A use is written down this often at most: seldom, and often enough that no used session ends. */
export const lengthenedEvery = (life: number): number => Math.min(3_600_000, life / 12)
