import { useEffect, useState } from 'preact/hooks'
import type { Asker } from './page-props.ts'

/** Milliseconds between two looks; browsers do not tell when an icon is pinned. */
const lookEvery = 1_000

/** Whether the icon is in the toolbar. Looks until it is, and only while the page can be seen. */
export function usePinned(ask: Asker): boolean | 'unknown' {
  const [pinned, setPinned] = useState<boolean | 'unknown'>('unknown')
  useEffect(() => {
    let next: ReturnType<typeof setTimeout> | undefined
    let stopped = false
    const look = async () => {
      const reply = document.hidden ? undefined : await ask('is-pinned', {}).catch(() => undefined)
      if (stopped) return
      if (reply) setPinned(reply.pinned)
      if (reply?.pinned !== true) next = setTimeout(look, lookEvery)
    }
    void look()
    return () => {
      stopped = true
      clearTimeout(next)
    }
  }, [ask])
  return pinned
}
