import { useCallback } from 'preact/hooks'
import { type Rows, type RowsOptions, rowHeight } from './rows.ts'
import { useVirtualList } from './use-virtual-list.ts'

/** Draws of a list of any length the rows that can be seen. */
export function useVirtualRows({ ids, scroll, kept }: RowsOptions): Rows {
  const virtual = useVirtualList({
    count: ids.length,
    getScrollElement: () => scroll.current,
    estimateSize: rowHeight,
    getItemKey: useCallback((index: number) => ids[index] ?? index, [ids]),
    overscan: 6,
    rangeExtractor: ({ startIndex, endIndex, overscan, count }) => {
      const [first, last] = [Math.max(0, startIndex - overscan), Math.min(count - 1, endIndex + overscan)]
      const drawn = Array.from({ length: last - first + 1 }, (_, index) => first + index)
      if (kept >= count) return drawn
      if (kept < first) return [kept, ...drawn]
      return kept > last ? [...drawn, kept] : drawn
    },
  })
  return {
    drawn: virtual.getVirtualItems(),
    height: virtual.getTotalSize(),
    show: (index) => virtual.scrollToIndex(index),
  }
}
