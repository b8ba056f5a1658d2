import type { TestContext } from 'vitest'
import type { Measured, PlotName, Plotted } from './plots/plots.ts'

/** One thing that was measured, written for the table. */
export interface Figure {
  readonly what: string
  readonly measured: string
  /** `—` where none was set. */
  readonly aim: string
  readonly met?: boolean
}

declare module 'vitest' {
  interface TaskMeta {
    figures?: Figure[]
    /** By the name of a plot: what it is drawn from. */
    kept?: Plotted
  }
}

/** Where a benchmark puts what it measures; `main.ts` prints it. */
export function figuresOf({ task }: TestContext) {
  const figures: Figure[] = []
  task.meta.figures = figures
  const kept: Partial<Record<PlotName, object>> = {}
  task.meta.kept = kept
  return {
    /** @param most the aim: the value is to be no more than this. */
    add: (what: string, value: number, write: (value: number) => string, most?: number): void => {
      const aim = most === undefined ? {} : { aim: `≤ ${write(most)}`, met: value <= most }
      figures.push({ what, measured: write(value), aim: '—', ...aim })
    },
    /** What a plot is drawn from. @param plot its name; what several tests keep for it is joined. */
    keep: <Name extends PlotName>(plot: Name, measured: Partial<Measured[Name]>): void => {
      kept[plot] = measured
    },
    /** What is no number and has no aim. */
    addText: (what: string, measured: string): void => {
      figures.push({ what, measured, aim: '—' })
    },
    /** A spread; the aim is for its greatest value. */
    addSpread: (what: string, values: readonly number[], most: number): void => {
      const sorted = values.toSorted((a, b) => a - b)
      const middle = quantile(sorted, 0.5)
      const [least, greatest] = [sorted[0] ?? Number.NaN, sorted.at(-1) ?? Number.NaN]
      figures.push({
        what: `${what}, min / median / max of ${sorted.length}`,
        measured: [least, middle, greatest].map(milliseconds).join(' / '),
        aim: `≤ ${milliseconds(most)}`,
        met: greatest <= most,
      })
    },
  }
}

/** The value below or at which `share` of the values lie (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

export const milliseconds = (ms: number) => `${ms < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`
export const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
export const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} kB`
export const ofOneCore = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} % of a core`
