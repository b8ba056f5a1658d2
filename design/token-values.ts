/** The value of each token by its name without dashes, as it stands in the style sheet. */
export type TokenValues = Readonly<Record<string, string>>

/** The custom properties of CSS, wherever they stand. */
export const customProperties = (css: string): TokenValues =>
  Object.fromEntries(
    [...css.replaceAll(/\/\*[\s\S]*?\*\//g, '').matchAll(/--([\w-]+):\s*([^;]+);/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  )

/**
 * What `tokens.css` says, for what no style sheet reaches.
 *
 * @param css its text. What is dark stands in it last.
 */
export function tokenValues(css: string): Readonly<Record<'light' | 'dark', TokenValues>> {
  const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)')
  const byDay = customProperties(light)
  return { light: byDay, dark: { ...byDay, ...customProperties(dark) } }
}
