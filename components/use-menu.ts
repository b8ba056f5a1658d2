import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

/** Which item has the focus when the menu opens, or that it is closed. */
type Opening = 'closed' | 'first' | 'last'

export interface Menu {
  readonly open: boolean
  /** What holds button and menu: a press outside it closes the menu. */
  readonly root: RefObject<HTMLDivElement | null>
  readonly button: RefObject<HTMLButtonElement | null>
  readonly toggle: () => void
  /** Closes it, and gives the focus back to its button. */
  readonly close: () => void
  readonly onButtonKey: (event: KeyboardEvent) => void
  readonly onMenuKey: (event: KeyboardEvent) => void
}

/**
 * What makes a button and its menu work as menus do: arrows, Home, End, Escape and Tab; items have a role that begins
 * with `menuitem`.
 *
 * @param page what the menu shows, where it has several pages: the first item of each has the focus.
 */
export function useMenu(page = ''): Menu {
  const [opening, setOpening] = useState<Opening>('closed')
  const open = opening !== 'closed'
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const items = () => [...(root.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])]

  useLayoutEffect(() => {
    if (opening === 'closed') return
    items()
      .at(opening === 'first' ? 0 : -1)
      ?.focus()
  }, [opening, page])
  useEffect(() => {
    if (!open) return
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpening('closed')
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [open])

  const close = () => {
    setOpening('closed')
    button.current?.focus()
  }
  return {
    open,
    root,
    button,
    toggle: () => setOpening(open ? 'closed' : 'first'),
    close,
    onButtonKey: (event) => {
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
      event.preventDefault()
      event.stopPropagation()
      setOpening(event.key === 'ArrowDown' ? 'first' : 'last')
    },
    onMenuKey: (event) => {
      // What the menu lies in may have arrows of its own.
      event.stopPropagation()
      if (event.key === 'Tab') return setOpening('closed')
      const all = items()
      const step = menuStep(event.key, all.indexOf(event.target as HTMLElement), all.length)
      if (step === undefined && event.key !== 'Escape') return
      // Escape left alone would close the whole popup.
      event.preventDefault()
      if (step !== undefined) return all[step]?.focus()
      close()
    },
  }
}

/**
 * Where a key leads in a menu of `count` items, from the item at `index`: the arrows go round, Home and
 * End go to the ends. `undefined` when the key moves nothing.
 */
function menuStep(key: string, index: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return (index + 1) % count
    case 'ArrowUp':
      return (index + count - 1) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}
