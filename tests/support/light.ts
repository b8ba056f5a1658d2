/** What the light in the toolbar says, as a person would say it. */
type Light = 'green' | 'checking' | 'off' | 'ringing'

/** The toolbar as the browser has it. */
export interface Drawn {
  readonly text: string
  /** Red, green, blue of the badge's ground, 0 to 255. */
  readonly colour: readonly number[]
  readonly title: string
  /** The icon's file. */
  readonly icon: string
}

function byText(text: string): readonly Light[] {
  if (text === '') return ['green', 'ringing']
  if (/^\d+⁺?$/.test(text)) return ['green']
  if (text === '…') return ['checking']
  return text === 'Off' ? ['off'] : []
}

function byColour([red = 0, green = 0, blue = 0]: readonly number[]): readonly Light[] {
  if (Math.max(red, green, blue) - Math.min(red, green, blue) < 20) return ['off']
  if (green > red && green > blue) return ['green']
  return blue > red ? ['ringing'] : ['checking', 'ringing']
}

function byTitle(title: string): readonly Light[] {
  if (/^Calls can reach you[,.]/.test(title)) return ['green']
  if (title.startsWith('Calls cannot reach you')) return ['off']
  if (title.startsWith('Reachable: checking')) return ['checking']
  return /^Reachable: a (call|test ring)/.test(title) ? ['ringing'] : []
}

function byIcon(icon: string): readonly Light[] {
  const name = /([a-z-]+)-\d+\.png/.exec(icon)?.[1] ?? ''
  if (name.startsWith('reachable')) return ['green']
  if (name.startsWith('unreachable')) return ['off']
  if (name === 'checking') return ['checking']
  return name.startsWith('ringing') ? ['ringing'] : []
}

/**
 * What letters, colour, sentence and icon say together: `green`, `checking`, `off` or `ringing`; and where they do not
 * agree, all that any of them says, as `checking+green`. So what does not contain `green` has nothing of it.
 */
export function lightOf({ text, colour, title, icon }: Drawn): string {
  const parts = [byText(text), byColour(colour), byTitle(title), byIcon(icon)]
  const [first = [], ...others] = parts
  const agreed = first.filter((light) => others.every((part) => part.includes(light)))
  return agreed.length === 1 ? agreed.join() : [...new Set(parts.flat())].sort().join('+')
}
