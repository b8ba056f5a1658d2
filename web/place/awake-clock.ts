/**
 * Milliseconds since the page was asked for. A monotonic clock may stand still while the machine sleeps, and a wall clock
 * jumps when somebody sets it: whichever says that more time has passed is believed, at each look.
 */
export function createAwakeClock(): () => number {
  let passed = Math.max(performance.now(), Date.now() - performance.timeOrigin)
  let [monotonic, wall] = [performance.now(), Date.now()]
  return () => {
    const [nextMonotonic, nextWall] = [performance.now(), Date.now()]
    passed += Math.max(0, nextMonotonic - monotonic, nextWall - wall)
    monotonic = nextMonotonic
    wall = nextWall
    return passed
  }
}
