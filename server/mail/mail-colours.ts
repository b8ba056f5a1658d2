import { readFileSync } from 'node:fs'

const tokens = readFileSync(new URL('../../design/tokens.css', import.meta.url), 'utf8')
const [light = '', dark = ''] = tokens.split('@media (prefers-color-scheme: dark)')

const names = [
  ...(['ground', 'card', 'ink', 'quiet', 'hair'] as const),
  ...(['accent', 'on-accent'] as const),
] as const

export type MailColours = Readonly<Record<(typeof names)[number], string>>

function coloursOf(block: string): MailColours {
  const entries = names.map((name) => {
    const value = new RegExp(`--${name}: (#[\\da-f]{6});`).exec(block)?.[1]
    if (value === undefined) throw new Error(`design/tokens.css has no colour --${name}`)
    return [name, value] as const
  })
  return Object.fromEntries(entries) as MailColours
}

/** The tokens of design/, as `#rrggbb`: mail programs know no custom properties. */
export const lightColours = coloursOf(light)
export const darkColours = coloursOf(dark)
