import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { extensionFolder, type Target } from '../../../scripts/build-extension.ts'
import { membersOf, sourceFiles } from '../source-file.ts'
import { entry, type Oldest, recordOf, unrecorded } from './browser-record.ts'
import { missingInScripts } from './missing-in-scripts.ts'
import { missingInStyle } from './missing-in-style.ts'

/** What is used although the oldest browser lacks it, and why nothing is lost there. */
const standIns = {
  chrome: {
    '.toBase64': 'dpop looks whether it is there, and has its own',
    '.moveBefore': 'Preact looks whether it is there, and has its own',
    'AbortSignal.timeout': 'before 124 it rejects with another error, and no code asks which',
    'browser.action.openPopup': 'what it rejects is caught, and a small window opens in its stead',
  },
  firefox: {
    '.moveBefore': 'Preact looks whether it is there, and has its own',
    'text-wrap: pretty': 'without it a sentence breaks less evenly',
  },
} satisfies Record<Target, Readonly<Record<string, string>>>

const shipped = (target: Target, ending: string) =>
  globSync(`**/*.${ending}`, { cwd: extensionFolder(target) }).map((path) =>
    readFileSync(join(extensionFolder(target), path), 'utf8'),
  )

/** The oldest browser, as the build itself names it. */
function oldestOf(target: Target): Oldest {
  const manifest = JSON.parse(readFileSync(join(extensionFolder(target), 'manifest.json'), 'utf8'))
  const named = manifest.minimum_chrome_version ?? manifest.browser_specific_settings.gecko.strict_min_version
  return { browser: target, version: Number.parseInt(named, 10) }
}

const missing = (target: Target) => {
  const oldest = oldestOf(target)
  const styles = [...shipped(target, 'css'), ...shipped(target, 'html').flatMap(styleElements)]
  return {
    scripts: missingInScripts(shipped(target, 'js'), oldest),
    styles: [...new Set(styles.flatMap((sheet) => missingInStyle(sheet, oldest)))],
  }
}

const styleElements = (page: string) =>
  [...page.matchAll(/<style>(.*?)<\/style>/gs)].map(([, sheet = '']) => sheet)

test.each(['chrome', 'firefox'] as const)(
  'H5.4 the build for %s works in the oldest one that it names',
  (target) => {
    expect(shipped(target, 'js').length).toBeGreaterThan(5)
    expect(shipped(target, 'css').length).toBeGreaterThan(2)
    const { scripts, styles } = missing(target)
    expect([...scripts, ...styles].toSorted()).toEqual(Object.keys(standIns[target]).toSorted())
  },
)

test('H5.4 each namespace of the extension API that is used is one whose record is known', () => {
  const used = new Set(
    sourceFiles()
      .filter(({ path, imports }) => !path.startsWith('tests/') && imports.includes('platform/browser.ts'))
      .flatMap((file) => membersOf(file, ['browser'])),
  )
  expect(used.size).toBeGreaterThan(8)
  const known = (space: string) =>
    unrecorded.has(space) || entry(recordOf('webextensions.api'), space === 'contextMenus' ? 'menus' : space)
  expect([...used].filter((space) => !known(space))).toEqual([])
})

const chrome: Oldest = { browser: 'chrome', version: 120 }
const firefox: Oldest = { browser: 'firefox', version: 140 }

test.each([
  ['URL.parse(text)', 'URL.parse'],
  ['const { parse } = URL', 'URL.parse'],
  ['globalThis.URL.parse(text)', 'URL.parse'],
  ['Promise.try(act)', 'Promise.try'],
  ['new Float16Array(8)', 'Float16Array'],
  ['self.Float16Array', 'Float16Array'],
  ['list.values().drop(1)', '.drop'],
  ['new Set(a).symmetricDifference(b)', '.symmetricDifference'],
  ['{ using held = open() }', 'using'],
  ['/(?i:a)b/.test(text)', '(?i:…)'],
  ['new RegExp("(?<a>x)|(?<a>y)")', '(?<a>…)|(?<a>…)'],
  ['b.storage.local.getKeys()', 'browser.storage.local.getKeys'],
  ['b.action.openPopup()', 'browser.action.openPopup'],
  ['b.sidebarAction.open()', 'browser.sidebarAction.open'],
])('H5.4 what Chrome 120 lacks is found: %s', (script, found) => {
  expect(missingInScripts([script], chrome)).toEqual([found])
})

test.each([
  ['b.offscreen.createDocument({})', 'browser.offscreen.createDocument'],
  ['b.notifications.onButtonClicked.addListener(hear)', 'browser.notifications.onButtonClicked'],
  ['navigation.navigate(address)', 'navigation'],
])('H5.4 what Firefox 140 lacks is found: %s', (script, found) => {
  expect(missingInScripts([script], firefox)).toContain(found)
})

test('H5.4 what both have, or what the build has of its own, is not complained of', () => {
  const own = 'const shelf = { drop(book) { return book } }; shelf.drop(book)'
  const old = 'list.findLast(Boolean); Promise.withResolvers(); class A { static { this.b = /x/v } }'
  const menus = 'b.contextMenus.create({}); b.storage.session.get("a")'
  for (const oldest of [chrome, firefox]) expect(missingInScripts([own, old, menus], oldest)).toEqual([])
})

test.each([
  ['@function --twice(--n) { result: 1px }', '@function'],
  ['a { field-sizing: fixed }', 'field-sizing'],
  ['a { color: light-dark(red, blue) }', 'light-dark()'],
  ['details::details-content { color: red }', '::details-content'],
])('H5.4 what Chrome 120 lacks is found: %s', (sheet, found) => {
  expect(missingInStyle(sheet, chrome)).toContain(found)
})
