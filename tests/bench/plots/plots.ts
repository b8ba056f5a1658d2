import { colour, drawPlot } from './draw-plot.ts'

/** Of each number of devices, what it took. */
interface Step {
  readonly devices: number
  readonly share: number
}

interface Quantile {
  readonly share: number
  readonly ms: number
}

export interface Measured {
  /** By the name of a server. */
  readonly processor: Readonly<Record<string, readonly Step[]>>
  /** By where it was measured. */
  readonly ring: Readonly<Record<string, readonly Quantile[]>>
  readonly reconnect: {
    readonly devices: number
    readonly steps: readonly { readonly second: number; readonly green: number }[]
  }
  readonly known: {
    readonly steps: readonly { readonly known: number; readonly p50: number; readonly p99: number }[]
  }
}

export type PlotName = keyof Measured

/** What is measured for plots, by their names; of one plot several tests may have each a part. */
export type Plotted = { readonly [Name in PlotName]?: Partial<Measured[Name]> }

const size = { width: 560, height: 300 }

/** Ours stands out; whoever sees no colours has the names at the lines. */
const ours = colour('accent')
const others = [colour('light-checking'), colour('light-ringing'), colour('quiet')]

const colours = (names: readonly string[]) => ({
  domain: names,
  range: names.map((name, n) => (name.startsWith('Reachable') ? ours : others[n % others.length])),
})

/** A line for each series, with its name at its end, or where it last is not above `most`. */
const named = (
  names: readonly string[],
  x: object,
  y: object,
  line: object = {},
  { last = 'x', most }: { readonly last?: string; readonly most?: number } = {},
): { layer: unknown[] } => {
  const color = { field: 'series', type: 'nominal', scale: colours(names), legend: null }
  return {
    layer: [
      { mark: { type: 'line', strokeWidth: 2.5, ...line }, encoding: { x, y, color } },
      {
        transform: [
          ...(most === undefined ? [] : [{ filter: `datum.y <= ${most}` }]),
          {
            window: [{ op: 'rank', as: 'rank' }],
            sort: [{ field: last, order: 'descending' }],
            groupby: ['series'],
          },
          { filter: 'datum.rank === 1' },
        ],
        mark: { type: 'text', align: 'left', dx: 8, dy: 1 },
        encoding: { x, y, color, text: { field: 'series' } },
      },
    ],
  }
}

const draw = (spec: object) => drawPlot({ ...size, ...spec } as Parameters<typeof drawPlot>[0])

/** How each plot is drawn from what was measured. */
export const plots: { readonly [Name in PlotName]: (measured: Measured[Name]) => Promise<string> } = {
  processor(measured) {
    const names = Object.keys(measured)
    const values = names.flatMap((series) =>
      (measured[series] ?? []).map(({ devices, share }) => ({ series, x: devices, y: share * 100 })),
    )
    return draw({
      title: {
        text: 'Processor by connected devices',
        subtitle: 'each sends a sign of life every 10 s, which is answered; all measured in one run',
      },
      data: { values },
      ...named(
        names,
        {
          field: 'x',
          type: 'quantitative',
          title: 'devices',
          scale: { domainMin: 0 },
          axis: { tickCount: 5, grid: false },
        },
        { field: 'y', type: 'quantitative', title: '% of one core', axis: { tickCount: 5 } },
        { point: { size: 50 } },
      ),
    })
  },
  ring(measured) {
    const names = Object.keys(measured)
    const values = names.flatMap((series) =>
      (measured[series] ?? []).map(({ share, ms }) => ({ series, x: ms, y: share * 100 })),
    )
    return draw({
      title: {
        text: 'From placing a call to the ring at the device',
        subtitle: 'the share of calls that rang by then, 20 calls a second',
      },
      data: { values },
      ...named(
        names,
        {
          field: 'x',
          type: 'quantitative',
          title: 'ms',
          scale: { type: 'log' },
          axis: { grid: false, tickCount: 6, format: '~g' },
        },
        { field: 'y', type: 'quantitative', title: '% of calls', axis: { tickCount: 5 } },
        {},
        // Where one line runs along the other's end, no name could be read.
        { last: 'y', most: 55 },
      ),
    })
  },
  reconnect({ devices, steps }) {
    const values = [{ second: 0, green: devices }, ...steps].map(({ second, green }) => ({
      x: second,
      y: green,
    }))
    return draw({
      title: {
        text: 'Green devices after a node was killed',
        subtitle: `${devices.toLocaleString('en')} devices at three nodes, one of which is killed at 0 s`,
      },
      data: { values },
      mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2.5, color: ours },
      encoding: {
        x: { field: 'x', type: 'quantitative', title: 'seconds', axis: { grid: false } },
        y: { field: 'y', type: 'quantitative', title: 'green devices', axis: { tickCount: 5 } },
      },
    })
  },
  known({ steps }) {
    const values = steps.flatMap(({ known, p50, p99 }) => [
      { series: 'p50', x: known, y: p50 },
      { series: 'p99', x: known, y: p99 },
    ])
    return draw({
      title: {
        text: 'From placing a call to the ring, by how many have an account',
        subtitle: 'one node on PostgreSQL and NATS, 20 calls a second',
      },
      data: { values },
      ...named(
        ['p50', 'p99'],
        {
          field: 'x',
          type: 'quantitative',
          title: 'people',
          scale: { type: 'log' },
          axis: { grid: false, format: '~s', tickCount: 4 },
        },
        { field: 'y', type: 'quantitative', title: 'ms', axis: { tickCount: 5 } },
        { point: { size: 50 } },
      ),
    })
  },
}
