/** Does something in so many milliseconds, unless the function returned is called before. */
export type After = (milliseconds: number, todo: () => void) => () => void

export const after: After = (milliseconds, todo) => {
  const timer = setTimeout(todo, milliseconds)
  return () => clearTimeout(timer)
}

/**
 * A timer for one thing that is to be done later.
 *
 * @returns sets it, in milliseconds from now, or takes it back (null); either way what was set before is off.
 */
export function createTimer(later: After, todo: () => void): (wait: number | null) => void {
  let cancel = () => {}
  return (wait) => {
    cancel()
    cancel = wait === null ? () => {} : later(Math.ceil(wait), todo)
  }
}
