import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from '@tanstack/virtual-core'
import { useLayoutEffect, useReducer, useRef } from 'preact/hooks'

type Options = Omit<
  VirtualizerOptions<HTMLElement, HTMLElement>,
  'scrollToFn' | 'observeElementRect' | 'observeElementOffset' | 'onChange'
>

/** Draws of a long list the rows alone that can be seen. What it returns is the same object at each draw. */
export function useVirtualList(options: Options): Virtualizer<HTMLElement, HTMLElement> {
  const [, redraw] = useReducer((draws: number, _: undefined) => draws + 1, 0)
  const all: VirtualizerOptions<HTMLElement, HTMLElement> = {
    ...options,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw(undefined),
  }
  const list = useRef<Virtualizer<HTMLElement, HTMLElement>>(null)
  list.current ??= new Virtualizer(all)
  const virtual = list.current
  virtual.setOptions(all)
  useLayoutEffect(() => virtual._didMount(), [virtual])
  useLayoutEffect(() => virtual._willUpdate())
  return virtual
}
