/** What a part may import: other parts of the repository by folder or file, and packages by name. */
interface Layer {
  readonly part: string
  readonly parts: readonly string[]
  /** `any` for what never ships. */
  readonly packages: readonly string[] | 'any'
}

/**
 * The layers of ARCHITECTURE.md. A file belongs to the first layer whose `part` its path begins with,
 * and may always import its own layer.
 */
export const layers: readonly Layer[] = [
  { part: 'protocol/', parts: [], packages: ['valibot'] },
  { part: 'platform/', parts: [], packages: ['wxt'] },
  { part: 'messages/', parts: ['platform/'], packages: [] },
  { part: 'components/', parts: ['messages/'], packages: ['preact'] },
  {
    part: 'entrypoints/background/',
    parts: ['messages/', 'platform/', 'protocol/'],
    packages: ['#imports', 'dpop', 'idb-keyval', 'valibot'],
  },
  { part: 'entrypoints/offscreen/', parts: ['messages/', 'platform/'], packages: [] },
  { part: 'entrypoints/', parts: ['components/', 'messages/'], packages: ['preact'] },
  { part: 'assets/', parts: ['components/'], packages: ['@resvg/resvg-js', 'wxt'] },
  { part: 'server/', parts: ['protocol/'], packages: 'any' },
  { part: 'scripts/', parts: ['protocol/', 'server/'], packages: 'any' },
  { part: 'tests/', parts: [''], packages: 'any' },
  { part: 'wxt.config.ts', parts: ['assets/', 'protocol/'], packages: 'any' },
  { part: 'vitest.config.ts', parts: [], packages: 'any' },
]

/** What only the extension is made of, and the server must not be. */
export const extensionPackages = ['preact', 'wxt', '#imports', 'dpop', 'idb-keyval', 'webextension-polyfill']

const isPackage = (imported: string) => !imported.includes('.') || imported.startsWith('@')

/** Whether layer `layer` may import `imported`, a path of the repository or a package's name. */
export function mayImport(layer: Layer, imported: string): boolean {
  if (imported.startsWith('node:')) return layer.packages === 'any' || layer.part === 'assets/'
  if (isPackage(imported)) {
    if (layer.part === 'server/' && extensionPackages.includes(imported)) return false
    return layer.packages === 'any' || layer.packages.includes(imported)
  }
  return [layer.part, ...layer.parts].some((part) => imported.startsWith(part))
}

export const layerOf = (path: string) => layers.find(({ part }) => path.startsWith(part))
