import { readFileSync } from 'node:fs'
import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { tokenValues } from '../../../design/token-values.ts'
import { inRoot } from '../../../scripts/root.ts'

const tokens = tokenValues(readFileSync(inRoot('design', 'tokens.css'), 'utf8'))

/** A colour of the design, as it is by day. */
export const colour = (token: string): string => {
  const value = tokens.light[token]
  if (value === undefined) throw new Error(`There is no token --${token}.`)
  return value
}

const font = 'system-ui, sans-serif'

/** The looks of every plot. */
const config = {
  background: colour('ground'),
  font,
  view: { stroke: null },
  title: { color: colour('ink'), subtitleColor: colour('quiet'), anchor: 'start', fontSize: 15, offset: 14 },
  axis: {
    labelColor: colour('quiet'),
    titleColor: colour('quiet'),
    gridColor: colour('hair'),
    domainColor: colour('edge'),
    tickColor: colour('edge'),
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titlePadding: 8,
  },
  text: { fontSize: 12, fontWeight: 600 },
} as const

/** Colours that are others by night, where whoever shows the picture says that it is. */
function nightly(): string {
  const rules = Object.entries(tokens.dark).flatMap(([name, night]) => {
    const day = tokens.light[name]
    if (day === undefined || day === night || !day.startsWith('#') || !plotTokens.has(name)) return []
    return [`[fill="${day}"]{fill:${night}}[stroke="${day}"]{stroke:${night}}`]
  })
  return `<style>@media (prefers-color-scheme:dark){${rules.join('')}}</style>`
}

/** No two of them have the same colour by day: a rule of the night goes by that. */
const plotTokens = new Set(['ground', 'ink', 'quiet', 'hair', 'edge', 'accent', 'danger'])

/** Draws what Vega-Lite's language says. @returns an SVG that is readable by day and by night. */
export async function drawPlot(spec: Omit<TopLevelSpec, 'config'>): Promise<string> {
  const { spec: compiled } = compile({ padding: 16, ...spec, config } as unknown as TopLevelSpec)
  const view = new View(parse(compiled), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  return `${svg.replace(/<svg[^>]*>/, (opening) => opening + nightly())}\n`
}
