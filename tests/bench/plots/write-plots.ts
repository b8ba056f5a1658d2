import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { inRoot } from '../../../scripts/root.ts'
import { type PlotName, type Plotted, plots } from './plots.ts'

const folder = inRoot('docs', 'plots')

const numbers = (path: string): object => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {})

/** As many digits as anybody sees. */
const rounded = (_: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value

/** Draws the plots of which something was measured, and keeps the numbers beside them. */
export async function writePlots(measured: readonly Plotted[]): Promise<void> {
  mkdirSync(folder, { recursive: true })
  for (const name of Object.keys(plots) as PlotName[]) {
    const parts = measured.map((plotted) => plotted[name]).filter((part) => part !== undefined)
    if (parts.length === 0) continue
    const path = inRoot('docs', 'plots', `${name}.json`)
    const all = Object.assign({}, numbers(path), ...parts)
    writeFileSync(path, `${JSON.stringify(all, rounded)}\n`)
    const draw = plots[name] as (all: unknown) => Promise<string>
    writeFileSync(inRoot('docs', 'plots', `${name}.svg`), await draw(all))
    console.log(`Drawn: docs/plots/${name}.svg`)
  }
}
