import { Resvg } from '@resvg/resvg-js'
import { type Mark, type ShapeName, shapes } from '../components/shapes.ts'
import { appMark, appView } from '../design/app-mark.ts'

export interface Icon {
  /** `icons/reachable-16.png`, relative to the built extension. */
  readonly path: string
  /** PNG bytes. */
  readonly contents: Buffer
}

export type IconName = ShapeName | 'app'

/** In pixels; both kinds at 1×, 1.5×, 2× and 3× of what browsers show. */
const toolbarSizes = [16, 24, 32, 48] as const
const appSizes = [16, 32, 48, 128] as const

const sizesOf = (name: IconName): readonly number[] => (name === 'app' ? appSizes : toolbarSizes)

const path = (name: IconName, size: number) => `icons/${name}-${size}.png`

/** The paths of one icon by size, as the manifest and `action.setIcon` want them. */
export const iconPaths = (name: IconName): Record<number, string> =>
  Object.fromEntries(sizesOf(name).map((size) => [size, path(name, size)]))

const written = ([element, attributes]: Mark): string =>
  `<${element} ${Object.entries(attributes)
    .map(([key, value]) => `${key}="${value}"`)
    .join(' ')}/>`

/** Into the upper 7.5 rows: a badge of three letters hides all that is below. */
const lifted = 'translate(8 4.7) scale(.72) translate(-8 -8)'

function toolbarSvg(name: ShapeName): string {
  const [ground, sign] = [shapes[name].ground, shapes[name].sign].map((marks) => marks.map(written).join(''))
  return `${ground}<g transform="${lifted}">${sign}</g>`
}

function svg(name: IconName, size: number): string {
  const [view, content] = name === 'app' ? [appView(size), appMark] : ['0 0 16 16', toolbarSvg(name)]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view}">${content}</svg>`
}

const draw = (name: IconName, size: number): Buffer =>
  new Resvg(svg(name, size), { fitTo: { mode: 'width', value: size }, font: { loadSystemFonts: false } })
    .render()
    .asPng()

let drawn: readonly Icon[] | undefined

/** Every icon of the extension, drawn once in a build's life. */
export function icons(): readonly Icon[] {
  drawn ??= ([...Object.keys(shapes), 'app'] as IconName[]).flatMap((name) =>
    sizesOf(name).map((size) => ({ path: path(name, size), contents: draw(name, size) })),
  )
  return drawn
}
