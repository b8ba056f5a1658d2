import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import preact from '@preact/preset-vite'
import { build } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))

/**
 * Builds a page of the components with people who do not exist, which needs no extension and no server:
 * `index.html?view=…`.
 *
 * @returns the address of the page, which is a file.
 */
export async function buildPeopleDemo(folder: string): Promise<string> {
  await build({
    configFile: false,
    root,
    base: './',
    logLevel: 'error',
    plugins: [preact()],
    publicDir: false,
    build: { outDir: folder, emptyOutDir: true, modulePreload: false },
  })
  return join(folder, 'index.html')
}
