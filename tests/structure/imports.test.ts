import { expect, test } from 'vitest'
import { backgroundLayers, ground, type Layer, layerOf, layers, mayImport, serverLayers } from './layers.ts'
import { membersOf, sourceFiles } from './source-file.ts'

const shipped = () =>
  sourceFiles().filter(({ path }) => !path.startsWith('tests/') && !path.startsWith('scripts/'))

test('H1.1 each file imports only what its layer may', () => {
  const strangers = sourceFiles().flatMap(({ path, imports }) => {
    const layer = layerOf(path)
    if (!layer) return [`${path} belongs to no layer of tests/structure/layers.ts`]
    return imports
      .filter((imported) => !mayImport(layer, imported))
      .map((imported) => `${path} imports ${imported}`)
  })
  expect(strangers).toEqual([])
})

/** What has layers within: by the name of its folder. */
const layered = [
  ['server/', serverLayers],
  ['entrypoints/background/', backgroundLayers],
] as const

test.each(layered)(
  'H1.1 the layers of %s stand in one order: each imports only what is further down',
  (folder, within) => {
    const upward = within.flatMap(({ part, parts }, place) =>
      parts
        .filter((below) => below.startsWith(folder))
        .filter((below) => within.findIndex((layer) => layer.part === below) <= place && below !== part)
        .map((below) => `${part} imports ${below}`),
    )
    expect(upward).toEqual([])
  },
)

test.each(layered)(
  'H1.1 no layer is of nothing, and those of %s may import what they do import and no more',
  (folder, within) => {
    const filesOf = (layer: Layer) => sourceFiles().filter(({ path }) => layerOf(path) === layer)
    const empty = layers.filter((layer) => filesOf(layer).length === 0)
    expect(empty.map(({ part }) => part)).toEqual([])
    const unused = within.flatMap((layer) => {
      const imported = filesOf(layer).flatMap(({ imports }) => imports)
      return layer.parts
        .filter((part) => part.startsWith(folder) && !ground.includes(part))
        .filter((part) => !imported.some((path) => path.startsWith(part)))
        .map((part) => `${layer.part} does not import ${part}`)
    })
    expect(unused).toEqual([])
  },
)

test('H1.2 only platform/browser.ts knows where the browser namespace comes from', () => {
  const doors = shipped()
    .filter(({ path }) => path !== 'platform/browser.ts')
    .flatMap((file) => {
      const own = file.imports.includes('platform/browser.ts')
      const globals = membersOf(file, own ? ['chrome'] : ['chrome', 'browser'])
      const packages = file.imports.filter(
        (name) => name === 'webextension-polyfill' || name === 'wxt/browser',
      )
      return [...globals, ...packages].map((name) => `${file.path}: ${name}`)
    })
  expect(doors).toEqual([])
})

test('H1.2 only the toolbar folder touches action', () => {
  const touched = shipped()
    .filter(({ path }) => !path.startsWith('entrypoints/background/toolbar/'))
    .filter((file) => membersOf(file, ['browser', 'chrome']).includes('action'))
    .map(({ path }) => path)
  expect(touched).toEqual([])
})

test('H1.4 no file imports itself by way of others', () => {
  const byPath = new Map(sourceFiles().map((file) => [file.path, file.imports]))
  const done = new Set<string>()
  const cycles: string[] = []
  const walk = (path: string, trail: readonly string[]) => {
    const seen = trail.indexOf(path)
    if (seen >= 0) cycles.push([...trail.slice(seen), path].join(' → '))
    if (seen >= 0 || done.has(path)) return
    for (const imported of byPath.get(path) ?? []) walk(imported, [...trail, path])
    done.add(path)
  }
  for (const path of byPath.keys()) walk(path, [])
  expect(cycles).toEqual([])
})
