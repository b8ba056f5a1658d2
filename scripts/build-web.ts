import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { type CommandHelp, readCommandLine, takeNoWords } from '../server/command-line.ts'
import { asShipped } from './build-extension.ts'
import { inRoot, root } from './root.ts'
import { runTool } from './run-tool.ts'

/** The pages of the server that are programs of their own: folders of `web/`, by where the server has what they load. */
export const webPages = { room: '/rooms/assets/', place: '/place-assets/' } as const

export type WebPage = keyof typeof webPages

/** Where the files of a page are, and the `manifest.json` that names them. */
export const webFolder = (page: WebPage) => inRoot('output', 'web', page)

const sources = [
  '{web,design,protocol,components,messages}/**',
  ...['tsconfig.json', 'package-lock.json', 'scripts/build-web.ts'],
]

function fingerprint(): string {
  const hash = createHash('sha256')
  for (const file of globSync(sources, { cwd: root }).sort()) {
    const path = inRoot(file)
    if (statSync(path).isFile()) hash.update(`\0${file}\0`).update(readFileSync(path))
  }
  return hash.digest('hex')
}

/**
 * Builds the server's pages that are programs, unless the last build was of the very same sources.
 *
 * @returns whether anything was built. @throws with what the build printed, when it fails.
 */
export async function buildWeb(): Promise<boolean> {
  const wanted = fingerprint()
  const stale = (Object.keys(webPages) as WebPage[]).filter((page) => {
    const stamp = stampOf(page)
    return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted
  })
  for (const page of stale) {
    const { parameters, env } = webBuild(page)
    const ran = await runTool('vite', parameters, { quiet: true, env })
    if (!ran.ok) throw new Error(`The page of web/${page} could not be built.\n\n${ran.output}`)
    writeFileSync(stampOf(page), wanted)
  }
  return stale.length > 0
}

/** How Vite builds a page. */
export const webBuild = (page: WebPage) => ({
  parameters: ['build', '--config', 'web/vite.config.ts'],
  env: { ...asShipped, REACHABLE_WEB_PAGE: page, REACHABLE_WEB_BASE: webPages[page] },
})

/** In the folder itself, which a build empties: one that was broken off has none. */
const stampOf = (page: WebPage) => `${webFolder(page)}/.built-from`

const help: CommandHelp = {
  command: 'npm run build-web',
  does: 'Builds the pages of the server that are programs, such as the room of a call, into output/web.',
  ways: [['', '']],
  examples: ['npm run build-web'],
  more: 'npm start and npm test do it by themselves; a server that runs alone is given what this makes.',
}

if (import.meta.main) {
  readCommandLine(help, (argv) => takeNoWords(argv, help))
  await buildWeb()
}
