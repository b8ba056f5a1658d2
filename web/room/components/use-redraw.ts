import { useEffect, useReducer } from 'preact/hooks'

/** Draws again every so many milliseconds: no event comes because a lease ends by itself, or time passes. */
export function useRedraw(milliseconds: number): void {
  const [, draw] = useReducer((draws: number, _: undefined) => draws + 1, 0)
  useEffect(() => {
    const drawing = setInterval(() => draw(undefined), milliseconds)
    return () => clearInterval(drawing)
  }, [milliseconds])
}
