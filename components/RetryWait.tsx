import { useMemo } from 'preact/hooks'
import { waitWording } from './time-wording.ts'
import { useTick } from './use-tick.ts'

/**
 * Counts down to when the next try may be made (ms since 1970), by whichever clock says that more has passed. Never in a
 * live region: that would speak each second.
 */
export function RetryWait({ until }: { readonly until: number }) {
  const start = useMemo(() => ({ mono: performance.now(), wall: Date.now() }), [until])
  useTick(1_000)
  const passed = Math.max(performance.now() - start.mono, Date.now() - start.wall)
  const left = (until - start.wall - passed) / 1_000
  return <>{left > 0 ? `Try again in ${waitWording(left)}.` : 'You can try again now.'}</>
}
