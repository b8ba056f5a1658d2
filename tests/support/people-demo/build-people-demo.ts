import { fileURLToPath } from 'node:url'
import preact from '@preact/preset-vite'
import { build } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))

/** Paths, such as `/index.html`, with what stands there. */
export type BuiltPages = ReadonlyMap<string, string | Uint8Array>

/** Builds a page of the components with people who do not exist, which needs no extension and no server: `/index.html?view=…`. */
export async function buildPeopleDemo(): Promise<BuiltPages> {
  const built = await build({
    configFile: false,
    root,
    base: './',
    logLevel: 'error',
    plugins: [preact()],
    publicDir: false,
    build: { write: false, modulePreload: false },
  })
  if ('on' in built) throw new Error('Vite watches where it was to build')
  const files = [built].flat().flatMap(({ output }) => output)
  return new Map(files.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]))
}
