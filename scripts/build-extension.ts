import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot, root } from './root.ts'
import { runTool } from './run-tool.ts'

export type Target = 'chrome' | 'firefox'

export interface Built {
  /** The folder to load into the browser. */
  readonly folder: string
  /** False when the folder was already there, made of the same sources. */
  readonly fresh: boolean
}

const sources = [
  '{entrypoints,components,design,messages,platform,protocol,assets}/**',
  'wxt.config.ts',
  'tsconfig.json',
  'package-lock.json',
  'scripts/build-extension.ts',
]

/** Vitest says `test`, and what is built under that name has in it what helps a developer, and paths of this machine. */
export const asShipped = { NODE_ENV: 'production' }

/** Where a fresh extension looks for its server, as `wxt.config.ts` has it. */
const defaultServer = 'http://127.0.0.1:8787'

/** What is built for another server has a folder of its own: browsers may have the usual one loaded. */
const outputFor = (server: string | undefined) =>
  server === undefined || server === defaultServer
    ? inRoot('output')
    : inRoot('output', 'for', server.replace(/^https?:\/\//, '').replaceAll(/[^\w.-]+/g, '-'))

/** What shows no welcome is for windows that are thrown away, and stands apart from what people load. */
const unwelcoming = 'opened'

export const extensionFolder = (target: Target, server?: string) => join(outputFor(server), `${target}-mv3`)

function fingerprint(server: string, welcome: string): string {
  const store = process.env.REACHABLE_STORE ?? ''
  const hash = createHash('sha256').update(`${store}\0${server}\0${welcome}`)
  for (const file of globSync(sources, { cwd: root }).sort()) {
    const path = inRoot(file)
    if (statSync(path).isFile()) hash.update(`\0${file}\0`).update(readFileSync(path))
  }
  return hash.digest('hex')
}

/**
 * Builds the extension, unless the last build was of the very same sources.
 *
 * @param server where a fresh one looks for its server; REACHABLE_SERVER by default, or this machine.
 * @param hasWelcome whether a fresh one opens its welcome page: not before a window's own first page.
 * @throws with what the build printed, when it fails.
 */
export async function buildExtension(target: Target, server?: string, hasWelcome = true): Promise<Built> {
  const output = hasWelcome ? outputFor(server) : join(outputFor(server), unwelcoming)
  const folder = join(output, `${target}-mv3`)
  const stamp = join(output, `.${target}-built-from`)
  const named = server === defaultServer ? '' : (server ?? process.env.REACHABLE_SERVER ?? '')
  const welcome = hasWelcome ? '' : 'off'
  const env = { ...asShipped, REACHABLE_OUT: output, REACHABLE_SERVER: named, REACHABLE_WELCOME: welcome }
  const wanted = fingerprint(named, welcome)
  if (existsSync(folder) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted)
    return { folder, fresh: false }
  const ran = await runTool('wxt', ['build', '--browser', target], { quiet: true, env })
  if (!ran.ok) throw new Error(`The extension for ${target} could not be built.\n\n${ran.output}`)
  writeFileSync(stamp, wanted)
  return { folder, fresh: true }
}
