import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Asker } from './page-props.ts'

/** What is pressed in so many milliseconds was meant for something else: nobody has read a new window by then. */
const unread = 500

/** What can press a button: by itself, by what it leads to, or as a chord of ours. */
const acts = ({ key, altKey }: KeyboardEvent) => altKey || key === 'Enter' || key === ' ' || key === 'Tab'

/**
 * Keeps what somebody was typing elsewhere from answering or declining: keys that act do nothing until the window has
 * been in front, and ringing, for a moment, and whoever types on has paused for as long.
 *
 * @returns whether the window has been there for long enough for a press of the mouse to be meant for it.
 */
export function useStrayPresses(ringing: boolean): boolean {
  const [settled, setSettled] = useState(false)
  useEffect(() => {
    const settling = setTimeout(() => setSettled(true), unread)
    return () => clearTimeout(settling)
  }, [])
  useEffect(() => {
    let since = performance.now()
    const renew = () => {
      since = performance.now()
    }
    const onKey = (event: KeyboardEvent) => {
      if (performance.now() - since >= unread) return
      if (event.type === 'keydown' && !event.altKey) renew()
      if (!acts(event)) return
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    window.addEventListener('focus', renew)
    window.addEventListener('keydown', onKey, true)
    window.addEventListener('keyup', onKey, true)
    return () => {
      window.removeEventListener('focus', renew)
      window.removeEventListener('keydown', onKey, true)
      window.removeEventListener('keyup', onKey, true)
    }
  }, [ringing])
  return settled
}

/**
 * Has the window made as high as `content`: once it is drawn, and higher when it grows. It is made no lower after that:
 * what somebody is about to press stays where it is.
 */
export function useFittingWindow(
  content: RefObject<HTMLElement | null>,
  drawn: boolean,
  id: string,
  ask: Asker,
): void {
  const fitted = useRef(false)
  useEffect(() => {
    const element = content.current
    if (!element) return
    const fit = () => {
      const by = Math.ceil(element.getBoundingClientRect().height) - innerHeight
      if (fitted.current ? by <= 0 : by === 0) return
      fitted.current ||= drawn
      void ask('fit-call-window', { call: id, by, screen: screenOf(screen) }).catch(() => undefined)
    }
    const growth = new ResizeObserver(fit)
    growth.observe(element)
    return () => growth.disconnect()
  }, [content, drawn, id, ask])
}

/** Where a screen begins is in no standard, yet in every browser. */
function screenOf(screen: globalThis.Screen & { readonly availLeft?: number; readonly availTop?: number }) {
  const { availLeft = 0, availTop = 0, availWidth, availHeight } = screen
  return { left: availLeft, top: availTop, width: availWidth, height: availHeight }
}
