/** What runs once so many milliseconds have passed. @returns what calls it off. */
export type After = (milliseconds: number, run: () => void) => () => void
