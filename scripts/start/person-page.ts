/** Whose window a browser is that was opened for one of two people, with what it takes to log in. */
export interface WindowOf {
  readonly username: string
  readonly name: string
  readonly password: string
  /** Whom to call from there. */
  readonly other: string
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string) => text.replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? sign)

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 36rem; margin: 4rem auto; padding: 0 1.5rem }
  h1 { font-size: 1.5rem }
  li { margin-block: 0.75rem }
  code { font-size: 1.1em; user-select: all; padding: 0.1em 0.4em; border: 1px solid; border-radius: 0.3em }
`

/** The first page of such a window: it is a file in the browser's own profile, and goes with it. */
export const personPage = ({ username, name, password, other }: WindowOf): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(username)}’s window · Reachable</title>
<style>${style}</style>
<h1>This is the window of ${escaped(name)}</h1>
<p>Another window is open for ${escaped(other)}. The two are contacts of each other.</p>
<ol>
<li>Click the light in the toolbar, at the upper right. (No light? Click the puzzle piece there first.)</li>
<li>Log in as <code>${escaped(username)}</code> with the password <code>${escaped(password)}</code>.</li>
<li>Do the same in the other window.</li>
<li>Once both lights are green, click one of them and then the telephone beside ${escaped(other)}: the other window rings.</li>
</ol>
</html>
`
