import { useEffect, useRef, useState } from 'preact/hooks'
import type { Asker } from './page-props.ts'

/** Milliseconds of rest after a key before the draft is kept. */
const rest = 150

/** Text that the background worker keeps while the popup is closed. Never for a password. */
export function useDraft(kept: string, ask: Asker): readonly [string, (login: string) => void] {
  const [login, setLogin] = useState(kept)
  const last = useRef(kept)
  useEffect(() => {
    const keep = () => {
      if (last.current === login) return
      last.current = login
      void ask('keep-draft', { login }).catch(() => undefined)
    }
    const waiting = setTimeout(keep, rest)
    window.addEventListener('pagehide', keep)
    return () => {
      clearTimeout(waiting)
      window.removeEventListener('pagehide', keep)
    }
  }, [login, ask])
  return [login, setLogin]
}
