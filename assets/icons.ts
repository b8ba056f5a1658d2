import { Resvg } from '@resvg/resvg-js'
import {
  type Drawing,
  invisible,
  type Mark,
  presenceShapes,
  type ShapeName,
  shapes,
} from '../components/shapes.ts'
import { appMark, appView } from '../design/app-mark.ts'

export interface Icon {
  /** `icons/reachable-16.png`, relative to the built extension. */
  readonly path: string
  /** PNG bytes. */
  readonly contents: Buffer
}

/** Where a browser lays a badge's letters: Chromium over the lower half of the icon, Firefox over the upper right. */
export type LettersOver = 'chromium' | 'firefox'

/** The shapes that stand under letters, and have a sign that these would hide. */
type LetteredShape = Extract<ShapeName, 'reachable' | 'unreachable'> | 'away' | 'busy'

export type IconName = ShapeName | `${LetteredShape}-lettered` | 'invisible' | 'app'

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

/**
 * Where the letters leave the sign to be seen: with two letters or more, Chromium leaves the upper 7.5 of 16 rows and
 * Firefox the lower 10, on every screen that was looked at (1× and 2×, wide fonts).
 */
const besideLetters: Readonly<Record<LettersOver, Readonly<Record<LetteredShape, string>>>> = {
  chromium: {
    reachable: 'translate(7 4.7) scale(.72) translate(-8 -8)',
    unreachable: 'translate(8 4.2) scale(.7) translate(-8 -8)',
    away: 'translate(7.4 4.6) scale(.95) translate(-8 -8)',
    busy: 'translate(8 4.4) translate(-8 -8)',
  },
  firefox: {
    reachable: 'translate(6.4 10.4) scale(.76) translate(-8 -8)',
    unreachable: 'translate(6.4 10.4) scale(.76) translate(-8 -8)',
    away: 'translate(6.2 10.6) scale(.95) translate(-8 -8)',
    busy: 'translate(7 10.6) scale(.9) translate(-8 -8)',
  },
}

/** What the light says of a status besides: as contacts are shown it, but for a ring of its own where they see none. */
const drawings: Readonly<Record<ShapeName | LetteredShape | 'invisible', Drawing>> = {
  ...shapes,
  away: presenceShapes.away,
  busy: presenceShapes.busy,
  invisible,
}

function shapeSvg(name: keyof typeof drawings, moved = 'scale(1)'): string {
  const { ground, sign } = drawings[name]
  return `${ground.map(written).join('')}<g transform="${moved}">${sign.map(written).join('')}</g>`
}

function content(name: Exclude<IconName, 'app'>, letters: LettersOver): string {
  switch (name) {
    case 'reachable-lettered':
    case 'unreachable-lettered':
    case 'away-lettered':
    case 'busy-lettered': {
      const shape = name.slice(0, -'-lettered'.length) as LetteredShape
      return shapeSvg(shape, besideLetters[letters][shape])
    }
    default:
      return shapeSvg(name)
  }
}

function svg(name: IconName, size: number, letters: LettersOver): string {
  const [view, drawing] = name === 'app' ? [appView(size), appMark] : ['0 0 16 16', content(name, letters)]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view}">${drawing}</svg>`
}

const draw = (name: IconName, size: number, letters: LettersOver): Buffer =>
  new Resvg(svg(name, size, letters), {
    fitTo: { mode: 'width', value: size },
    font: { loadSystemFonts: false },
  })
    .render()
    .asPng()

const names: readonly IconName[] = [
  ...(Object.keys(shapes) as ShapeName[]),
  'reachable-lettered',
  'unreachable-lettered',
  'away-lettered',
  'busy-lettered',
  'invisible',
  'app',
]

const drawn = new Map<LettersOver, readonly Icon[]>()

/** Every icon of the extension as a browser wants it, drawn once in a build's life. */
export function icons(letters: LettersOver): readonly Icon[] {
  const before = drawn.get(letters)
  if (before) return before
  const now = names.flatMap((name) =>
    sizesOf(name).map((size) => ({ path: path(name, size), contents: draw(name, size, letters) })),
  )
  drawn.set(letters, now)
  return now
}
