import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { files, readFile } from './source-file.ts'

const pages = () => files().filter((path) => path.endsWith('.md') && path !== 'CHANGELOG.md')

/** Every file and every folder of the repository. */
function everyPath(): ReadonlySet<string> {
  const paths = new Set<string>()
  for (const file of files()) for (let path = file; path !== '.'; path = posix.dirname(path)) paths.add(path)
  return paths
}

/** What stands in code type, and what is linked to, as paths from the repository's folder. */
function namedIn(page: string, folders: readonly string[]): readonly string[] {
  const text = readFile(page)
  const code = [...text.matchAll(/`([\w./*-]+)`/g)].map(([, name]) => name ?? '')
  const paths = code
    .filter((name) => folders.includes(name.split('/')[0] ?? '') || /\w\.(tsx?|mjs|css|md)$/.test(name))
    .filter((name) => name.includes('/') || name.includes('.'))
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, link]) =>
    posix.join(posix.dirname(page), link ?? ''),
  )
  // `entrypoints/*/` names the folder before the star.
  return [...paths, ...links].map((path) => path.replace(/\*.*$/, '').replace(/\/$/, ''))
}

test('H3.4 every path that a page names or links to is there', () => {
  const paths = everyPath()
  const folders = [...paths].filter((path) => !path.includes('/') && !path.includes('.'))
  const named = pages().flatMap((page) => namedIn(page, folders).map((path) => ({ page, path })))
  expect(named.length).toBeGreaterThan(50)
  expect(named.filter(({ path }) => !paths.has(path))).toEqual([])
})

test('H3.4 every command that a page names is a script of package.json', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFile('package.json'))
  const named = pages().flatMap((page) =>
    [...readFile(page).matchAll(/\bnpm run ([\w-]+)/g)].map(([, command = '']) => ({ page, command })),
  )
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(({ command }) => !(command in scripts))).toEqual([])
})
