import { useEffect, useMemo, useReducer } from 'preact/hooks'

/**
 * How old a moment is, in milliseconds, looked at each second. The wall clock is read once for each
 * `moment` and a monotonic clock from there on: a jump of the wall clock does not show.
 *
 * @param moment milliseconds since 1970
 */
export function useAge(moment: number): number {
  const start = useMemo(() => ({ age: Math.max(0, Date.now() - moment), at: performance.now() }), [moment])
  const [, look] = useReducer((looks: number, _: undefined) => looks + 1, 0)
  useEffect(() => {
    const ticking = setInterval(() => look(undefined), 1_000)
    return () => clearInterval(ticking)
  }, [])
  return start.age + (performance.now() - start.at)
}
