/** The rows of a list of contacts as they are drawn. */
export interface Rows {
  readonly drawn: readonly { readonly index: number; readonly start: number }[]
  /** Of all of them, in pixels. */
  readonly height: number
  /** Scrolls until this row can be seen. */
  readonly show: (index: number) => void
}

export interface RowsOptions {
  readonly ids: readonly string[]
  readonly scroll: { readonly current: HTMLElement | null }
  /** The row that stays drawn wherever it is, since it has the focus or takes it. */
  readonly kept: number
}

/** The height of a row, which the style sheet has too: in rem. */
const rowRems = 3.375

/** The same in CSS pixels, for whoever has letters of another size. */
export const rowHeight = (): number =>
  rowRems * (Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16)

/** Draws every row: for as many as a browser does not feel. */
export function allRows({ ids, scroll }: RowsOptions): Rows {
  const height = rowHeight()
  return {
    drawn: ids.map((_, index) => ({ index, start: index * height })),
    height: ids.length * height,
    show: (index) => {
      const { current } = scroll
      if (!current) return
      const [top, bottom] = [index * height, (index + 1) * height]
      if (top < current.scrollTop) current.scrollTop = top
      else if (bottom > current.scrollTop + current.clientHeight)
        current.scrollTop = bottom - current.clientHeight
    },
  }
}
