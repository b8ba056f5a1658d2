import preact from '@preact/preset-vite'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { WxtVitest } from 'wxt/testing/vitest-plugin'

const seconds = 1_000
const sharePostgres = 'tests/support/nodes/shared-postgres.ts'
/** Of what is drawn. */
const frames = 'tests/support/people-demo/people-frames.test.ts'
const buildFirst = ['tests/support/build-for-browsers.ts']
const browsersOfRun = 'tests/support/browsers-of-run.ts'
const startFirefoxFirst = ['tests/support/firefox/firefox-caches.ts']

// On two cores vitest would take one worker; most tests wait as much as they work, and two hardly work at all.
const beforeBrowsers = { maxWorkers: 3, sequence: { groupOrder: 0 } }

const plain = {
  ...beforeBrowsers,
  // What is waited for comes at once where there is time for it; a busy machine, or one that is new, may take more.
  expect: { poll: { timeout: 20 * seconds, interval: 20 } },
  setupFiles: ['tests/support/patience.ts', 'tests/support/whole-lengths.ts'],
  testTimeout: 30 * seconds,
}

const inBrowsers = {
  globalSetup: buildFirst,
  testTimeout: 300 * seconds,
  hookTimeout: 90 * seconds,
  // How soon something happens is tested where a rule names a bound; elsewhere a busy machine may take its time. Each look
  // costs a browser more work than the waiting.
  expect: { poll: { timeout: 30 * seconds, interval: 100 } },
  // They wait as much as they work. More would share two cores so far that what rules bound in seconds is the machine's.
  maxWorkers: 3,
  // A worker loads what drives browsers once for all its files, and starts few browsers; each test has a server of its own.
  isolate: false,
  // After all others: what is measured here in seconds must not wait for them.
  sequence: { groupOrder: 2 },
}

/**
 * What is shown once, in Chromium: the server's own pages, which are plain HTML; the extension's pages, where axe looks at
 * the same document in any browser (`popup-fits` measures one, and walks over it by the Tab key, in both); and what the
 * server or the worker decides and no browser does, such as which of two copies of a profile has the connection, and of what
 * use a stolen token is (`stay-signed-in` asks both browsers for the key). Their twins in Firefox would cost three minutes.
 */
const onceInChromium = [
  'tests/end-to-end/accessible.test.ts',
  'tests/end-to-end/account-pages-accessible.test.ts',
  'tests/end-to-end/call-ends.test.ts',
  'tests/end-to-end/moves.test.ts',
  'tests/end-to-end/my-account.test.ts',
  'tests/end-to-end/password-reset.test.ts',
  'tests/end-to-end/people-calls.test.ts',
  'tests/end-to-end/people-messages.test.ts',
  'tests/end-to-end/people-contacts.test.ts',
  'tests/end-to-end/people-presence.test.ts',
  'tests/end-to-end/place-embedded.test.ts',
  'tests/end-to-end/place-phone.test.ts',
  'tests/end-to-end/popup-stays.test.ts',
  'tests/end-to-end/provisioned-and-invited.test.ts',
  'tests/end-to-end/reset-link.test.ts',
  'tests/end-to-end/room-comes-back.test.ts',
  'tests/end-to-end/room-media.test.ts',
  'tests/end-to-end/room-page.test.ts',
  'tests/end-to-end/rooms-answer.test.ts',
  'tests/end-to-end/rooms-relay.test.ts',
  'tests/end-to-end/two-devices.test.ts',
  'tests/faults/contact-presence.test.ts',
  'tests/faults/copied-profile.test.ts',
  'tests/faults/ring-unheard.test.ts',
  'tests/faults/room-address.test.ts',
  'tests/faults/room-relay.test.ts',
  'tests/faults/stolen-token.test.ts',
]

/** The same tests once in each browser: they ask `openDevice` for one, and get that of their run. */
const inBrowser = (browser: 'chromium' | 'firefox') => ({
  test: {
    ...inBrowsers,
    globalSetup: [
      ...buildFirst,
      sharePostgres,
      browsersOfRun,
      ...(browser === 'firefox' ? startFirefoxFirst : []),
    ],
    name: browser,
    include: ['tests/end-to-end/**/*.test.ts', 'tests/faults/**/*.test.ts'],
    ...(browser === 'firefox' && { exclude: onceInChromium }),
    provide: { browser },
  },
})

/** What waits for minutes, or half a one, and hardly works meanwhile; then what has most to do in browsers. */
const longest = [
  ...['/tests/unattended/', '/tests/faults/'],
  ...['people-', 'room', 'issuer', 'accessible', 'account-pages', 'stay-signed-in'].map(
    (begin) => `/tests/end-to-end/${begin}`,
  ),
]

/**
 * What takes longest begins first, and the rest goes on beside it: nothing long is left to the end. Between files of one
 * project no worker comes to a file of another, for which it would have to end, and with it the browsers that it has.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const projects = [...new Set(sorted.map(({ project }) => project))]
    const place = ({ project }: TestSpecification) =>
      project.name === 'unattended' ? -1 : projects.indexOf(project)
    const rank = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((folder) => moduleId.includes(folder))
      return found < 0 ? longest.length : found
    }
    return sorted.toSorted((one, other) => place(one) - place(other) || rank(one) - rank(other))
  }
}

/**
 * Kinds of tests, each with what it needs and no more: `extension` runs on a fake browser namespace, `web` on the document of
 * a page of the server, `server`, `hostile`, `structure` and `programs` (what proves, and what watches a badge) on plain Node,
 * `frames` measures what a long list costs a core, `nodes` starts several real servers with a real PostgreSQL and a real NATS,
 * `chromium` and `firefox` drive a real browser against a real server, and `unattended` leaves both alone.
 */
export default defineConfig({
  test: {
    reporters: ['default', './tests/hostile/attack-reporter.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins: [preact(), WxtVitest()],
        test: {
          ...plain,
          name: 'extension',
          include: ['tests/extension/**/*.test.{ts,tsx}'],
          // Most files take less than a worker takes to start; each finds one as new.
          isolate: false,
          setupFiles: [...plain.setupFiles, 'tests/extension/fresh-file.ts'],
          sequence: { ...beforeBrowsers.sequence, setupFiles: 'list' },
          server: { deps: { inline: ['fake-indexeddb'] } },
        },
      },
      {
        plugins: [preact()],
        test: {
          ...plain,
          name: 'web',
          include: ['tests/web/**/*.test.{ts,tsx}'],
          globalSetup: buildFirst,
        },
      },
      {
        test: {
          ...plain,
          name: 'server',
          include: ['tests/server/**/*.test.ts', 'tests/contracts/**/*.test.ts'],
          // For `npm start`, which builds what is not there.
          globalSetup: [...buildFirst, sharePostgres],
          // A worker loads the server, and the words that passwords are held against, once for all its files.
          isolate: false,
          // Passwords are hashed in many of them, two at once at most.
          testTimeout: 40 * seconds,
          hookTimeout: 30 * seconds,
        },
      },
      {
        plugins: [WxtVitest()],
        test: {
          ...plain,
          name: 'hostile',
          include: ['tests/hostile/**/*.test.ts'],
          // As with the tests of the server, which they start too.
          isolate: false,
          testTimeout: 60 * seconds,
          hookTimeout: 30 * seconds,
        },
      },
      {
        test: {
          ...plain,
          name: 'structure',
          include: ['tests/structure/**/*.test.ts'],
          globalSetup: buildFirst,
          // A worker parses the whole repository once for all its files.
          isolate: false,
          testTimeout: 60 * seconds,
        },
      },
      {
        test: {
          ...plain,
          name: 'frames',
          include: [frames],
          // Before all others: what is measured in milliseconds of a core must not share one.
          maxWorkers: 1,
          sequence: { groupOrder: -1 },
        },
      },
      {
        test: {
          ...plain,
          name: 'programs',
          include: ['tests/{prove,scripts,simulate,support}/**/*.test.ts'],
          exclude: [frames],
          globalSetup: sharePostgres,
        },
      },
      {
        test: {
          ...plain,
          name: 'nodes',
          // A dozen servers at once are what two cores carry: more, and what is measured in seconds is the machine.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          include: ['tests/nodes/**/*.test.ts'],
          globalSetup: sharePostgres,
          // They wait for what is broken to be whole again, and share two cores with one another.
          testTimeout: 240 * seconds,
          hookTimeout: 90 * seconds,
        },
      },
      {
        test: {
          ...inBrowsers,
          // Three minutes, and ten, in which browsers are looked at once a second or left alone: what is measured is longer than
          // they wait here.
          ...beforeBrowsers,
          name: 'unattended',
          include: ['tests/unattended/**/*.test.ts'],
        },
      },
      ...(['chromium', 'firefox'] as const).map(inBrowser),
    ],
  },
})
