import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { webFolder } from '../../scripts/build-web.ts'
import type { Oldest } from './compatibility/browser-record.ts'
import { missingInScripts } from './compatibility/missing-in-scripts.ts'
import { missingInStyle } from './compatibility/missing-in-style.ts'

const built = (ending: string) =>
  globSync(`**/*.${ending}`, { cwd: webFolder('room') }).map((path) =>
    readFileSync(join(webFolder('room'), path), 'utf8'),
  )

test('RM14.3 the page of a room is one script, one style and a worker for its timers, of at most 60 kB together, compressed, and names no other server', () => {
  const [scripts, styles] = [built('js'), built('css')]
  expect([scripts.length, styles.length]).toEqual([2, 1])
  const size = [...scripts, ...styles].reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0)
  expect(size).toBeLessThanOrEqual(60_000)
  const elsewhere = [...scripts, ...styles].flatMap(
    (text) => text.match(/\b(?:https?|wss?):\/\/[\w.-]+/g) ?? [],
  )
  // The namespaces of SVG and MathML are names, and nothing is asked for there.
  expect(elsewhere.filter((address) => address !== 'http://www.w3.org')).toEqual([])
  expect(scripts.filter((text) => /\beval\(|new Function\b/.test(text))).toEqual([])
})

/** What is used although the oldest browser lacks it, and why nothing is lost there. */
const standIns: Readonly<Record<Oldest['browser'], Readonly<Record<string, string>>>> = {
  chrome: { '.moveBefore': 'Preact looks whether it is there, and has its own' },
  firefox: {
    '.contentHint': 'a wish, which such a browser passes over',
    '.moveBefore': 'Preact looks whether it is there, and has its own',
    'navigator.connection':
      'it is looked whether it is there; the network’s return is heard of by another event',
  },
}

test.each([
  { browser: 'chrome', version: 120 },
  { browser: 'firefox', version: 140 },
] satisfies readonly Oldest[])('RM14.3 the page of a room works in $browser $version', (oldest) => {
  const missing = [
    ...missingInScripts(built('js'), oldest),
    ...new Set(built('css').flatMap((sheet) => missingInStyle(sheet, oldest))),
  ]
  expect(missing.toSorted()).toEqual(Object.keys(standIns[oldest.browser]).toSorted())
})
