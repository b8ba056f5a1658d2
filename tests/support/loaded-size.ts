import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { extensionFolder, type Target } from '../../scripts/build-extension.ts'

/** What opening a page, or starting the worker, may take at most, in bytes. */
export const mostLoaded = { 'popup.html': 40_000, 'background.js': 54_000 } as const

/** A file of a build, a page or a script, with the scripts and styles that it loads before it runs, and they in turn. */
export function loadedBy(target: Target, file: string, found = new Set<string>()): ReadonlySet<string> {
  if (file.endsWith('.js')) found.add(file)
  const text = readFileSync(join(extensionFolder(target), file), 'utf8')
  const named = [...text.matchAll(/(?:from|import|src=|href=)\s*["']([./][^"']+\.(?:js|css))["']/g)]
  for (const [, path = ''] of named) {
    const loaded = path.startsWith('/') ? path.slice(1) : join(dirname(file), path)
    if (found.has(loaded)) continue
    found.add(loaded)
    if (loaded.endsWith('.js')) loadedBy(target, loaded, found)
  }
  return found
}

/** Bytes of all that a file loads, each file compressed by itself as a package would. */
export const loadedSize = (target: Target, file: string): number =>
  [...loadedBy(target, file)].reduce(
    (sum, loaded) => sum + gzipSync(readFileSync(join(extensionFolder(target), loaded)), { level: 9 }).length,
    0,
  )
