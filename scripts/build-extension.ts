import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
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
]

export const extensionFolder = (target: Target) => inRoot('output', `${target}-mv3`)

function fingerprint(): string {
  const { REACHABLE_STORE: store = '', REACHABLE_SERVER: server = '' } = process.env
  const hash = createHash('sha256').update(`${store}\0${server}`)
  for (const file of globSync(sources, { cwd: root }).sort()) {
    const path = inRoot(file)
    if (statSync(path).isFile()) hash.update(`\0${file}\0`).update(readFileSync(path))
  }
  return hash.digest('hex')
}

/**
 * Builds the extension, unless the last build was of the very same sources.
 *
 * @throws with what the build printed, when it fails.
 */
export async function buildExtension(target: Target): Promise<Built> {
  const folder = extensionFolder(target)
  const stamp = inRoot('output', `.${target}-built-from`)
  const wanted = fingerprint()
  if (existsSync(folder) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted)
    return { folder, fresh: false }
  const { ok, output } = await runTool('wxt', ['build', '--browser', target], { quiet: true })
  if (!ok) throw new Error(`The extension for ${target} could not be built.\n\n${output}`)
  writeFileSync(stamp, wanted)
  return { folder, fresh: true }
}
