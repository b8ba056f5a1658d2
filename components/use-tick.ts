import { useCallback, useEffect, useMemo, useReducer } from 'preact/hooks'
import { nextMidnight } from './time-wording.ts'

/** Draws again every so many milliseconds what tells of the time: no state comes because time passes. */
export function useTick(milliseconds: number): void {
  const tick = useRedraw()
  useEffect(() => {
    const ticking = setInterval(tick, milliseconds)
    return () => clearInterval(ticking)
  }, [milliseconds, tick])
}

/**
 * How old a moment is, in milliseconds, looked at each second. From the first look on it grows by whichever clock says
 * that more has passed: a monotonic one may stand still in a sleep, and the wall clock may be set back.
 *
 * @param moment milliseconds since 1970
 */
export function useAge(moment: number): number {
  const start = useMemo(() => ({ mono: performance.now(), wall: Date.now() }), [moment])
  useTick(1_000)
  return Math.max(0, start.wall - moment) + Math.max(performance.now() - start.mono, Date.now() - start.wall)
}

/** Draws again once this moment has come (ms since 1970), also where a sleep or a clock that was set brought it; null for none. */
export function useMoment(moment: number | null): void {
  const redraw = useRedraw()
  useEffect(() => {
    if (moment === null || moment <= Date.now()) return
    let next: ReturnType<typeof setTimeout>
    const look = () => {
      const left = moment - Date.now()
      if (left <= 0) redraw()
      else next = setTimeout(look, Math.min(lookEvery, left))
    }
    look()
    return () => clearTimeout(next)
  }, [moment, redraw])
}

/** A timer does not count a sleep, nor follow a clock that was set: the day is looked at this often, in ms. */
const lookEvery = 60_000

/** Draws again at midnight, when what was today becomes yesterday, and when the page comes to be seen after it may have. */
export function useDayChange(): void {
  const redraw = useRedraw()
  useEffect(() => {
    let next: ReturnType<typeof setTimeout> | undefined
    const aim = () => {
      const now = Date.now()
      next = setTimeout(look, Math.min(lookEvery, nextMidnight(now) - now))
    }
    const look = () => {
      clearTimeout(next)
      redraw()
      aim()
    }
    aim()
    document.addEventListener('visibilitychange', look)
    return () => {
      clearTimeout(next)
      document.removeEventListener('visibilitychange', look)
    }
  }, [redraw])
}

function useRedraw(): () => void {
  const [, draw] = useReducer((draws: number, _: undefined) => draws + 1, 0)
  return useCallback(() => draw(undefined), [draw])
}
