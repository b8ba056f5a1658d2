import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asShipped } from '../../scripts/build-extension.ts'
import { runTool } from '../../scripts/run-tool.ts'
import { loadedSize, mostLoaded } from '../support/loaded-size.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { figuresOf, kilobytes } from './figure.ts'

test('what the extension weighs', async (context) => {
  const figures = figuresOf(context)
  const popup = loadedSize('chrome', 'popup.html')
  figures.add('popup: script and style, gzipped', popup, kilobytes, mostLoaded['popup.html'])
  const worker = loadedSize('chrome', 'background.js')
  figures.add('background worker, gzipped', worker, kilobytes, 30_000)

  const folder = temporaryFolder()
  const { ok, output } = await runTool('wxt', ['zip'], {
    quiet: true,
    env: { ...asShipped, REACHABLE_OUT: folder },
  })
  expect(ok, output).toBe(true)
  const [zip = ''] = globSync('*.zip', { cwd: folder })
  figures.add('the packed extension (wxt zip)', statSync(join(folder, zip)).size, kilobytes, 150_000)
})
