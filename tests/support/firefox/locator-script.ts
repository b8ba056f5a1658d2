import { readFileSync } from 'node:fs'
import { inRoot } from '../../../scripts/root.ts'

const folder = inRoot('output')
const name = 'locators.js'

/** Packs `ivya`, Playwright's way to find elements, into one script that any page can be given. */
export async function buildLocatorScript(): Promise<void> {
  // Most who read the script build nothing.
  const { build } = await import('vite')
  await build({
    configFile: false,
    logLevel: 'silent',
    publicDir: false,
    build: {
      outDir: folder,
      emptyOutDir: false,
      lib: {
        entry: inRoot('node_modules', 'ivya', 'dist', 'index.js'),
        name: 'ivya',
        formats: ['iife'],
        fileName: () => name,
      },
    },
  })
}

let script: string | undefined

/** Playwright's way to find elements, for a page that Playwright does not drive: defines `found(selector)`. */
export const locatorScript = (): string => {
  script ??= `${readFileSync(`${folder}/${name}`, 'utf8')}
    var found = (selector) => ivya.Ivya.create({ browser: 'firefox' }).queryLocatorSelectorAll(selector)`
  return script
}
