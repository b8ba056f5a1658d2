import preact from '@preact/preset-vite'
import { defineConfig } from 'vitest/config'
import { WxtVitest } from 'wxt/testing/vitest-plugin'

const seconds = 1_000
const buildFirst = ['tests/support/build-extensions.ts']

// On two cores vitest would take one worker; most tests wait as much as they work.
const plain = { maxWorkers: 2, sequence: { groupOrder: 0 } }

/** The same tests once in each browser: they ask `openDevice` for one, and get that of their run. */
const inBrowser = (browser: 'chromium' | 'firefox') => ({
  test: {
    name: browser,
    include: ['tests/end-to-end/**/*.test.ts', 'tests/faults/**/*.test.ts'],
    provide: { browser },
    globalSetup: buildFirst,
    testTimeout: 150 * seconds,
    hookTimeout: 90 * seconds,
    // How soon something happens is tested where a rule names a bound; elsewhere a busy machine may take its time.
    expect: { poll: { timeout: 15 * seconds, interval: 50 } },
    // They wait far more than they work, even on two cores.
    maxWorkers: 3,
    // After all others: what is measured here in seconds must not wait for them.
    sequence: { groupOrder: 1 },
  },
})

/**
 * Four kinds of tests, each with what it needs and no more: `extension` runs on a fake browser namespace,
 * `server` and `structure` on plain Node, `chromium` and `firefox` drive a real browser
 * against a real server.
 */
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [preact(), WxtVitest()],
        test: { ...plain, name: 'extension', include: ['tests/extension/**/*.test.{ts,tsx}'] },
      },
      {
        test: {
          ...plain,
          name: 'server',
          include: ['tests/server/**/*.test.ts', 'tests/contracts/**/*.test.ts'],
          testTimeout: 20 * seconds,
          hookTimeout: 30 * seconds,
        },
      },
      {
        test: {
          ...plain,
          name: 'structure',
          include: ['tests/structure/**/*.test.ts'],
          globalSetup: buildFirst,
          testTimeout: 20 * seconds,
        },
      },
      ...(['chromium', 'firefox'] as const).map(inBrowser),
    ],
  },
})
