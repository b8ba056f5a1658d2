import { build } from 'vite'
import { inRoot } from '../root.ts'

/** Packs `ivya`, Playwright's way to find elements, into one script that any page can be given: output/locators.js. */
export async function buildLocators(): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'silent',
    publicDir: false,
    build: {
      outDir: inRoot('output'),
      emptyOutDir: false,
      lib: {
        entry: inRoot('node_modules', 'ivya', 'dist', 'index.js'),
        ...{ name: 'ivya', formats: ['iife'], fileName: () => 'locators.js' },
      },
    },
  })
}
