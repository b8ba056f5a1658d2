import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from '../../../scripts/root.ts'

export const converseVersion = '14.0.0'

/** Gets Converse.js from the registry, once: 46 MB are too much for every installation. @returns the folder of its build. */
export function fetchConverse(): string {
  const folder = inRoot('output', 'peers', `converse.js-${converseVersion}`)
  const dist = join(folder, 'package', 'dist')
  if (existsSync(dist)) return dist
  mkdirSync(folder, { recursive: true })
  const packed = execFileSync('npm', ['pack', '--silent', `converse.js@${converseVersion}`], {
    cwd: folder,
    encoding: 'utf8',
  }).trim()
  execFileSync('tar', ['xzf', packed], { cwd: folder })
  return dist
}
