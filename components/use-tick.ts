import { useEffect, useReducer } from 'preact/hooks'

/** Draws again every so many milliseconds what tells of the time: no state comes because time passes. */
export function useTick(milliseconds: number): void {
  const [, tick] = useReducer((ticks: number, _: undefined) => ticks + 1, 0)
  useEffect(() => {
    const ticking = setInterval(() => tick(undefined), milliseconds)
    return () => clearInterval(ticking)
  }, [milliseconds])
}
