import { useRef, useState } from 'preact/hooks'

/**
 * Runs one thing at a time: while it is under way a second click does nothing. Whatever ends it, a
 * worker that died included, the button can be pressed again.
 */
export function useCommand(run: () => Promise<unknown>): {
  readonly pending: boolean
  readonly go: () => void
} {
  const under = useRef(false)
  const [pending, setPending] = useState(false)
  const go = () => {
    if (under.current) return
    under.current = true
    setPending(true)
    void run()
      .catch(() => undefined)
      .finally(() => {
        under.current = false
        setPending(false)
      })
  }
  return { pending, go }
}
