/** How long a session lives after it was last used, in milliseconds. */
export const lifeOf = (staySignedIn: boolean): number => (staySignedIn ? 30 * 86_400_000 : 12 * 3_600_000)

/** A use is written down this often at most. */
export const useKeptEvery = 3_600_000
