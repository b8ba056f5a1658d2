import { globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { extensionFolder } from '../../scripts/build-extension.ts'
import { runTool } from '../../scripts/run-tool.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { figuresOf, kilobytes } from './figure.ts'

const extension = extensionFolder('chrome')

/** The scripts and styles that a built file loads, and those that they load in turn. */
function loadedBy(file: string, found = new Set<string>()): Set<string> {
  const text = readFileSync(join(extension, file), 'utf8')
  const named = [...text.matchAll(/(?:from|import|src=|href=)\s*\(?["']([./][^"']+\.(?:js|css))["']/g)]
  for (const [, path = ''] of named) {
    const loaded = path.startsWith('/') ? path.slice(1) : join(dirname(file), path)
    if (found.has(loaded)) continue
    found.add(loaded)
    if (loaded.endsWith('.js')) loadedBy(loaded, found)
  }
  return found
}

/** Bytes, each file compressed by itself as a package would. */
const gzipped = (files: Iterable<string>) =>
  [...files].reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(extension, file)), { level: 9 }).length,
    0,
  )

test('what the extension weighs', async (context) => {
  const figures = figuresOf(context)
  figures.add('popup: script and style, gzipped', gzipped(loadedBy('popup.html')), kilobytes, 40_000)
  const background = new Set(['background.js', ...loadedBy('background.js')])
  figures.add('background worker, gzipped', gzipped(background), kilobytes, 40_000)

  const folder = temporaryFolder()
  const { ok, output } = await runTool('wxt', ['zip'], { quiet: true, env: { REACHABLE_OUT: folder } })
  expect(ok, output).toBe(true)
  const [zip = ''] = globSync('*.zip', { cwd: folder })
  figures.add('the packed extension (wxt zip)', statSync(join(folder, zip)).size, kilobytes, 150_000)
})
