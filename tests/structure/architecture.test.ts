import { expect, test } from 'vitest'
import { serverLayers } from './layers.ts'
import { readFile } from './source-file.ts'

const folderNames = (parts: readonly string[]) =>
  parts.flatMap((part) => /^server\/([\w-]+)\/$/.exec(part)?.[1] ?? []).toSorted()

test('H1.1 ARCHITECTURE.md has each folder of the server with what it may import', () => {
  const folders = serverLayers.filter(({ part }) => part.endsWith('/') && part !== 'server/cli/')
  const rows = [...readFile('ARCHITECTURE.md').matchAll(/^\| `(server\/[\w-]+\/)` \|.*\| ([^|]+) \|$/gm)]
  const told = rows.map(([, part, names = '']) => [part, names === '–' ? [] : names.split(', ').toSorted()])
  expect(told).toEqual(folders.map(({ part, parts }) => [part, folderNames(parts)]))
})
