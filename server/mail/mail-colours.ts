import { readFileSync } from 'node:fs'
import { type TokenValues, tokenValues } from '../../design/token-values.ts'

const names = ['ground', 'card', 'ink', 'quiet', 'hair', 'accent', 'on-accent'] as const

export type MailColours = Readonly<Record<(typeof names)[number], string>>

const { light, dark } = tokenValues(readFileSync(new URL('../../design/tokens.css', import.meta.url), 'utf8'))

const coloursOf = (tokens: TokenValues) =>
  Object.fromEntries(names.map((name) => [name, tokens[name]])) as MailColours

/** The tokens of design/, as `#rrggbb`, which a test sees to: mail programs know no custom properties. */
export const lightColours = coloursOf(light)
export const darkColours = coloursOf(dark)
