import { join } from 'node:path'
import preact from '@preact/preset-vite'
import type { Plugin } from 'vite'
import { defineConfig } from 'wxt'
import { drawnFiles } from './assets/drawn-files.ts'
import { iconPaths } from './assets/icons.ts'
import { readServerAddress } from './entrypoints/background/session/server-address.ts'
import { chromiumKey, firefoxId } from './protocol/extension.ts'
import { plainHosts } from './protocol/loopback.ts'

/** Store builds leave `key` out: the stores refuse it and give the extension their own id. */
const forStore = process.env.REACHABLE_STORE === '1'

/**
 * Where a fresh extension looks for its server: REACHABLE_SERVER, or this machine. A store's build for which none is
 * named has '', and asks whoever installs it.
 *
 * @throws when REACHABLE_SERVER is no address that a person could type in Options.
 */
function defaultServer(): string {
  const named = process.env.REACHABLE_SERVER || (forStore ? '' : 'http://127.0.0.1:8787')
  if (named === '') return ''
  const read = readServerAddress(named)
  if ('why' in read) throw new Error(`REACHABLE_SERVER is no address of a server (${read.why}): ${named}`)
  return read.origin
}

/** The oldest browsers that it works in: by their alarms every 30 s (Chromium), by its page of consent (Firefox). */
const oldest = { chromium: 120, firefox: 140 }
const targetOf = (browser: string) =>
  browser === 'firefox' ? `firefox${oldest.firefox}` : `chrome${oldest.chromium}`

const localServers = ['http', 'ws']
  .flatMap((scheme) => plainHosts.map((host) => `${scheme}://${host}:*`))
  .join(' ')

/**
 * One script and one style beside a page's own: each file more costs an opening page milliseconds. The page that sounds
 * the ring tone draws nothing, and waits for neither. The worker is one script by itself.
 */
const pagesShare: Plugin = {
  name: 'pages-share',
  outputOptions: (output) =>
    output.format === 'es'
      ? { ...output, codeSplitting: { groups: [{ name: 'pages', test: isDrawing, minShareCount: 2 }] } }
      : null,
}
const isDrawing = (module: string) => !/virtual:wxt-|[\\/]ring-sound\.ts/.test(module)

export default defineConfig({
  imports: false,
  modules: ['@wxt-dev/webextension-polyfill'],
  outDir: process.env.REACHABLE_OUT ?? 'output',
  manifestVersion: 3,
  targetBrowsers: ['chrome', 'firefox'],
  vite: ({ browser }) => ({
    plugins: [preact(), pagesShare],
    define: {
      'import.meta.env.WXT_DEFAULT_SERVER': JSON.stringify(defaultServer()),
      // REACHABLE_WELCOME=off: for a window that begins with a page of its own, which is to stay in front.
      'import.meta.env.WXT_NO_WELCOME': JSON.stringify(process.env.REACHABLE_WELCOME === 'off'),
    },
    build: {
      target: targetOf(browser),
      cssTarget: targetOf(browser),
      // Each of these browsers knows `modulepreload`.
      modulePreload: { polyfill: false },
    },
  }),
  hooks: {
    'build:publicAssets': (wxt, files) => {
      const letters = wxt.config.browser === 'firefox' ? 'firefox' : 'chromium'
      files.push(...drawnFiles(join(wxt.config.wxtDir, 'drawn'), letters))
    },
  },
  manifest: ({ browser }) => {
    const firefox = browser === 'firefox'
    return {
      name: 'Reachable',
      description: 'A light in your toolbar that tells you, truthfully, whether calls can reach you.',
      permissions: [
        'alarms',
        'contextMenus',
        'identity',
        'idle',
        'notifications',
        'storage',
        // Session and key are not to be evicted when the disk fills up.
        'unlimitedStorage',
        ...(firefox ? [] : ['offscreen']),
      ],
      icons: iconPaths('app'),
      action: {
        default_title: 'Reachable',
        ...(firefox ? { default_area: 'navbar' as const } : {}),
        default_icon: iconPaths('unreachable'),
      },
      commands: {
        _execute_action: { suggested_key: { default: 'Alt+Shift+R' }, description: 'Open Reachable' },
        'status-available': {
          suggested_key: { default: 'Alt+Shift+A' },
          description: 'Be available',
        },
        'status-away': { suggested_key: { default: 'Alt+Shift+W' }, description: 'Be away' },
        'status-busy-60': { suggested_key: { default: 'Alt+Shift+B' }, description: 'Be busy for 1 hour' },
        // A browser takes four keys from an extension; whoever wants one for this sets it.
        'status-invisible': { description: 'Be invisible' },
      },
      content_security_policy: {
        // Named whole: Firefox's own default would upgrade a local server's http: to https:.
        extension_pages: `default-src 'self'; script-src 'self'; object-src 'none'; img-src 'self' data: https:; connect-src 'self' https: wss: ${localServers}`,
      },
      ...(firefox
        ? {
            browser_specific_settings: {
              gecko: {
                id: firefoxId,
                strict_min_version: `${oldest.firefox}.0`,
                data_collection_permissions: {
                  required: ['authenticationInfo', 'personallyIdentifyingInfo', 'personalCommunications'],
                },
              },
            },
          }
        : { minimum_chrome_version: String(oldest.chromium), ...(forStore ? {} : { key: chromiumKey }) }),
    }
  },
})
