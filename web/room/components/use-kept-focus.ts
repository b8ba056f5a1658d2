import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

/**
 * Where what had the focus goes away, as a button that was pressed, the focus goes to the page's heading and not to its
 * beginning. To be used by what is drawn anew at each change.
 */
export function useKeptFocus(): void {
  const focused = useRef<Element | null>(null)
  useEffect(() => {
    const onFocus = ({ target }: FocusEvent) => {
      focused.current = target instanceof Element ? target : null
    }
    document.addEventListener('focusin', onFocus)
    return () => document.removeEventListener('focusin', onFocus)
  }, [])
  useLayoutEffect(() => {
    if (!focused.current || focused.current.isConnected) return
    focused.current = null
    if (document.activeElement === document.body) document.querySelector('h1')?.focus()
  })
}
