import { once } from 'node:events'
import { onTestFinished, vi } from 'vitest'
import { requireBrowser } from '../../../scripts/browsers/find-browser.ts'
import { launchFirefox, type Preferences } from '../../../scripts/browsers/launch-firefox.ts'
import { evaluateIn } from './evaluate.ts'
import { giveCaches } from './firefox-caches.ts'
import { type FirefoxPage, firefoxPage } from './firefox-page.ts'

interface Context {
  readonly context: string
  readonly url: string
}

/** Nothing that a test does not look at. */
const bare: Preferences = {
  'browser.newtabpage.enabled': false,
  'browser.sessionstore.resume_from_crash': false,
  'browser.startup.page': 0,
  'dom.ipc.processPrelaunch.enabled': false,
  // Sixty pictures a second of what turns and glides are most of the work, without a graphics card.
  'ui.prefersReducedMotion': 1,
}

type Start = readonly [profile: string, preferences?: Preferences, parameters?: readonly string[]]

/** Starts Firefox, without a screen unless other `parameters` are given; it ends with the test. */
export async function openFirefox(...start: Start) {
  const firefox = await startFirefox(...start)
  onTestFinished(firefox.kill)
  return firefox
}

/** The same; it ends with whoever calls `kill` or `close`. */
export async function startFirefox(...[profile, preferences = {}, parameters = ['--headless']]: Start) {
  giveCaches(profile)
  const { process, bidi } = await launchFirefox({
    executable: requireBrowser('firefox'),
    profile,
    preferences: { ...bare, ...preferences },
    parameters,
  })
  const ended = once(process, 'exit')
  const contexts = async (scope: object = {}) =>
    (await bidi.send('browsingContext.getTree', { maxDepth: 0, ...scope })).contexts as readonly Context[]

  // The first ones: windows of calls come and go beside them.
  const referenceContext = (await contexts())[0]?.context
  const chrome = await contexts({ 'moz:scope': 'chrome' })
  const browserWindow = chrome.find(({ url }) => url.endsWith('browser.xhtml'))?.context
  if (browserWindow === undefined) {
    process.kill('SIGKILL')
    throw new Error(
      'This Firefox does not tell BiDi of its own window: tests need a newer one. 153 does, 140 does not.',
    )
  }
  const inWindow = (expression: string) => evaluateIn(bidi, { context: browserWindow }, expression)

  let last: Promise<unknown> = Promise.resolve()
  function inTurn<R>(act: () => Promise<R>): Promise<R> {
    const next = last.then(act, act)
    last = next
    return next
  }

  const pageOf = (context: string) => firefoxPage({ bidi, contexts, inWindow, inTurn, context })

  return {
    bidi,
    /** Evaluates with the browser’s rights, in its own window, where the toolbar is. @returns what JSON can carry. */
    inWindow,
    newPage: async (): Promise<FirefoxPage> =>
      pageOf(String((await bidi.send('browsingContext.create', { type: 'tab', referenceContext })).context)),
    addresses: async () => (await contexts()).map(({ url }) => url),
    /** The next page that opens and comes to such an address. */
    nextPageAt: async (prefix: string, among?: readonly string[]): Promise<FirefoxPage> => {
      // By the time that these are told of, the page may have opened, and not come there yet.
      const there = async () => (await contexts()).filter(({ url }) => url.startsWith(prefix))
      const before = new Set(among ?? (await there()).map(({ context }) => context))
      const found = await vi.waitFor(
        async () => {
          const all = await contexts()
          const page = all.find(({ context, url }) => !before.has(context) && url.startsWith(prefix))
          return page ?? Promise.reject(new Error(`No page has opened at ${prefix}`))
        },
        { timeout: 30_000 },
      )
      return pageOf(found.context)
    },
    isOpen: () => process.exitCode === null && process.signalCode === null,
    kill: async (): Promise<void> => {
      process.kill('SIGKILL')
      await ended
    },
    close: async (): Promise<void> => {
      await bidi.send('browser.close')
      await ended
    },
  }
}

export type Firefox = Awaited<ReturnType<typeof openFirefox>>
