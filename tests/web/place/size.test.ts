import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { webFolder } from '../../../scripts/build-web.ts'

test('PV2.4 the script of a place’s page has at most 10 kB gzipped, and loads nothing else', () => {
  const folder = webFolder('place')
  const scripts = readdirSync(folder).filter((file) => file.endsWith('.js'))
  const texts = scripts.map((file) => readFileSync(join(folder, file), 'utf8'))
  expect(scripts.length).toBeGreaterThan(0)
  expect(texts.reduce((sum, text) => sum + gzipSync(text).length, 0)).toBeLessThanOrEqual(10_000)
  expect(texts.join('\n')).not.toMatch(
    /https?:\/\/(?!www\.w3\.org)|localStorage|sessionStorage|document\.cookie/,
  )
})
