import { join } from 'node:path'
import preact from '@preact/preset-vite'
import { defineConfig } from 'vite'

/** A folder here, of one page of the server that is a program; and where the server has what it loads. */
const { REACHABLE_WEB_PAGE: page = '', REACHABLE_WEB_BASE: base = '/' } = process.env

/** Phones come here too: the oldest Safari is that of iOS 16.4. */
const oldest = ['chrome120', 'firefox140', 'safari16.4']

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  base,
  publicDir: false,
  plugins: [preact()],
  build: {
    outDir: join('output', 'web', page),
    emptyOutDir: true,
    // The server reads here what the page loads: each file's name has the hash of what is in it.
    manifest: 'manifest.json',
    assetsDir: '',
    // The page's policy has no `data:`.
    assetsInlineLimit: 0,
    target: oldest,
    cssTarget: oldest,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: join('web', page, 'main.tsx') },
  },
})
