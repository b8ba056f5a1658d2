import { useMemo } from 'preact/hooks'
import { waitWording } from './time-wording.ts'
import { useTick } from './use-tick.ts'

/** Counts down to the next try, from so many seconds. Never in a live region: that would speak each second. */
export function RetryWait({ seconds }: { readonly seconds: number }) {
  const from = useMemo(() => performance.now(), [seconds])
  useTick(1_000)
  const left = seconds - (performance.now() - from) / 1_000
  return <>{left > 0 ? `Try again in ${waitWording(left)}.` : 'You can try again now.'}</>
}
