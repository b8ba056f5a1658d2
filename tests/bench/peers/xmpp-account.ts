/** The people of a peer's server, by number. */
export const accountName = (place: number): string => `person${place}`
export const password = 'Correct-horse-7'
