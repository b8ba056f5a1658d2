import { expect, test } from 'vitest'
import { customProperties, tokenValues } from '../../design/token-values.ts'
import { darkColours, lightColours } from '../../server/mail/mail-colours.ts'
import { files, readFile } from './source-file.ts'

const schemes = ['light', 'dark'] as const

const tokens = () => tokenValues(readFile('design/tokens.css'))

const channel = (value: number) => (value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)

/** Relative luminance by WCAG 2, of `#rrggbb`. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    channel(Number.parseInt(colour.slice(at, at + 2), 16) / 255),
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const panels = ['dull', 'proven', 'waiting', 'ringing', 'accent-soft', 'danger-soft']

/** What is written on what. */
const texts: Readonly<Record<string, readonly string[]>> = {
  ink: ['ground', 'card', ...panels],
  quiet: ['ground', 'card', ...panels],
  accent: ['ground', 'card', 'accent-soft', 'dull'],
  'accent-over': ['ground', 'card'],
  danger: ['ground', 'card', 'danger-soft'],
  'on-accent': ['accent', 'accent-over'],
  'on-own': ['own'],
  'on-badge': [
    ...['badge-reachable', 'badge-checking', 'badge-unreachable', 'badge-ringing', 'badge-invisible'],
    'badge-busy',
    'light-ringing',
  ],
  card: ['danger'],
}

/** What has to be told apart from what is beside it: edges of controls, and the lights as pages draw them. */
const edges: Readonly<Record<string, readonly string[]>> = {
  edge: ['ground', 'card'],
  accent: ['ground', 'card'],
  danger: ['ground', 'card'],
  'light-reachable': ['ground', 'card', 'proven'],
  'light-checking': ['ground', 'card', 'waiting'],
  'light-unreachable': ['ground', 'card', 'dull'],
  'light-ringing': ['ground', 'card', 'ringing'],
  'light-busy': ['ground', 'card'],
  'light-invisible': ['ground', 'card'],
}

test.each([
  ['4.5 : 1 for what is read', 4.5, texts],
  ['3 : 1 for edges and lights', 3, edges],
] as const)('U8.5 the tokens keep a contrast of %s, in light and in dark', (_, least, pairs) => {
  const faint = schemes.flatMap((scheme) =>
    Object.entries(pairs).flatMap(([upper, lowers]) =>
      lowers.flatMap((lower) => {
        const [one, other] = [tokens()[scheme][upper], tokens()[scheme][lower]]
        if (!one || !other) return [`${upper} or ${lower} is no token`]
        const reached = contrast(one, other)
        return reached < least ? [`${scheme}: ${upper} on ${lower} is ${reached.toFixed(2)}`] : []
      }),
    ),
  )
  expect(faint).toEqual([])
})

const sheets = () =>
  files()
    .filter((path) => path.endsWith('.css'))
    .map((path) => ({ path, text: readFile(path) }))

/** What is drawn where no style sheet reaches: the toolbar, and SVG that is made there. Their colours are tokens too. */
const drawsWithoutStyles = ['assets/icons.ts', 'components/shapes.ts', 'entrypoints/background/toolbar/']

const isSource = (path: string) =>
  /^(assets|components|entrypoints|messages|platform|server|web)\/.*\.(css|html|js|ts|tsx)$/.test(path)

const literal =
  /(?<!&)#(?:[\da-f]{8}|[\da-f]{6}|[\da-f]{3,4})\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|hwb)\(\s*[\d.]/gi

const words =
  'white|black|red|green|blue|yellow|orange|purple|pink|brown|gr[ae]y|silver|gold|navy|teal|lime|cyan|magenta|maroon|olive|aqua'

/** A colour by its English name: in the value of a style's property, or as what a script or a page draws with. */
const namedInStyle = new RegExp(`:[^;{}\\n]*(?<![\\w-])(?:${words})(?![\\w-])`, 'gi')
const namedElsewhere = new RegExp(`["'](?:${words})["']`, 'gi')

test('U8.6 no colour stands outside design/, and what no style sheet reaches has colours that are tokens', () => {
  const known = new Set(schemes.flatMap((scheme) => Object.values(tokens()[scheme])))
  const whole = (colour: string) =>
    colour.length === 4 ? `#${[...colour.slice(1)].map((digit) => digit + digit).join('')}` : colour
  const strays = files()
    .filter(isSource)
    .flatMap((path) => {
      const free = drawsWithoutStyles.some((part) => path.startsWith(part))
      const text = readFile(path)
      const named = text.matchAll(path.endsWith('.css') ? namedInStyle : namedElsewhere)
      return [...text.matchAll(literal), ...named]
        .map(([colour]) => colour.toLowerCase())
        .filter((colour) => !(free && known.has(whole(colour))))
        .map((colour) => `${path}: ${colour}`)
    })
  expect(strays).toEqual([])
})

test('U8.6 each token that a style names is there, and each that is there is named', () => {
  const known = Object.keys(tokens().light)
  const named = new Map(
    sheets().flatMap(({ path, text }) =>
      [...text.matchAll(/var\(--([\w-]+)/g)].map(([, name = '']) => [name, path] as const),
    ),
  )
  const own = new Set(sheets().flatMap(({ text }) => Object.keys(customProperties(text))))
  expect([...named].filter(([name]) => !own.has(name))).toEqual([])
  const drawn = files().filter((path) => drawsWithoutStyles.some((part) => path.startsWith(part)))
  const elsewhere = drawn.map(readFile).join('\n')
  // What no style names is drawn by its value, and that only where no other token has it.
  const { light } = tokens()
  const only = (name: string) => Object.values(light).filter((value) => value === light[name]).length === 1
  const isDrawn = (name: string) => only(name) && elsewhere.includes(light[name] ?? '')
  expect(known.filter((name) => !named.has(name) && !isDrawn(name))).toEqual([])
})

test('U8.6 the tokens that mails are made of are colours that a mail program knows', () => {
  for (const colours of [lightColours, darkColours])
    for (const [name, colour] of Object.entries(colours)) expect(colour, name).toMatch(/^#[\da-f]{6}$/)
  expect(customProperties(':root { /* --ink: #000000; */ --ink: #1D2630; }')).toEqual({ ink: '#1D2630' })
})

/** The animations of a style sheet that only hide or show something, or take its colours, which is no motion. */
const motionless = (text: string): ReadonlySet<string> =>
  new Set(
    [
      ...text.matchAll(
        /@keyframes ([\w-]+) \{\s*from,\s*to \{\s*(?:visibility: (?:hidden|visible)|filter: grayscale\(1\));\s*\}\s*\}/g,
      ),
    ].map(([, name = '']) => name),
  )

test('U8.7 whatever moves, moves only for those who did not ask for less motion', () => {
  const moving = sheets().flatMap(({ path, text }) => {
    const still = motionless(text)
    const calm = text
      .replaceAll(/\/\*[\s\S]*?\*\//g, '')
      .replaceAll(/@media \(prefers-reduced-motion: no-preference\) \{(?:[^{}]|\{[^{}]*\})*\}/g, '')
    return [...calm.matchAll(/\b(?:animation|transition)(?:-[\w]+)*:(?! none)[^;]+|scroll-behavior: smooth/g)]
      .filter(([words]) => !still.has(/^animation: ([\w-]+)/.exec(words)?.[1] ?? ''))
      .map(([words]) => `${path}: ${words}`)
  })
  expect(moving).toEqual([])
})
