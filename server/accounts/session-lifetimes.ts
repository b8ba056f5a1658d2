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

/**
 * A use is written down this often at most, in ms: seldom, and often enough that no used session ends. For each session it
 * is another time, from half to all of an hour, so that those which began at once are not all due at once.
 *
 * @param sessionId the lot: any text of its own.
 */
export const lengthenedEvery = (life: number, sessionId: string): number =>
  Math.min(3_600_000, life / 12) * (0.5 + fractionOf(sessionId) / 2)

/** FNV-1a: from 0 to 1, the same for the same text. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5
  for (let n = 0; n < text.length; n += 1) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193)
  return (hash >>> 0) / 2 ** 32
}
