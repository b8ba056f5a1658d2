type Values = Readonly<Record<string, string | number>>

/** Puts what varies into its place in a text. Of a text that there is not nothing is said. */
export const fill = (text: string | undefined, values: Values): string =>
  text?.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) ?? ''
