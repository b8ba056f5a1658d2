import { getByLabelSelector, getByRoleSelector, getByTextSelector } from 'ivya'
import { vi } from 'vitest'
import type { Bidi } from '../../../scripts/browsers/bidi.ts'
import type { Page } from '../page.ts'
import { evaluateIn } from './evaluate.ts'
import { firefoxLocator } from './firefox-locator.ts'
import { pageDriver } from './page-driver.ts'

interface Open {
  readonly context: string
  readonly url: string
}

interface Of {
  readonly bidi: Bidi
  readonly contexts: () => Promise<readonly Open[]>
  readonly inWindow: (expression: string) => Promise<unknown>
  readonly inTurn: <R>(act: () => Promise<R>) => Promise<R>
  readonly context: string
}

/** Keys that write nothing, by the code points that WebDriver gives them. */
const keys: Readonly<Record<string, string>> = {
  ...{ Enter: '\uE007', Tab: '\uE004', Escape: '\uE00C', Home: '\uE011', End: '\uE010' },
  ...{ ArrowLeft: '\uE012', ArrowUp: '\uE013', ArrowRight: '\uE014', ArrowDown: '\uE015' },
}

/** A tab or a window of Firefox. */
export function firefoxPage({ bidi, contexts, inWindow, inTurn, context }: Of) {
  const focusPage = () => inWindow('gBrowser.selectedBrowser.focus()')
  const driver = pageDriver({ bidi, context, inTurn, focusPage })
  const find = (selector: string) => firefoxLocator(driver, selector)
  const here = async () => (await contexts()).find((open) => open.context === context)

  return {
    getByRole: (role, options = {}) => find(getByRoleSelector(role, options)),
    getByLabel: (text, options = {}) => find(getByLabelSelector(text, options)),
    getByText: (text, options = {}) => find(getByTextSelector(text, options)),
    locator: find,
    keyboard: {
      press: (key) => driver.inFront(() => driver.type([keys[key] ?? key])),
    },
    goto: (url) => bidi.send('browsingContext.navigate', { context, url, wait: 'complete' }),
    reload: () => bidi.send('browsingContext.reload', { context, wait: 'complete' }),
    // As by hand: the page hears of it before.
    close: async () => void (await bidi.send('browsingContext.close', { context, promptUnload: true })),
    isClosed: async () => (await here()) === undefined,
    url: async () => (await here())?.url ?? '',
    evaluate: async (run: string | ((argument: never) => unknown), argument?: unknown) => {
      const expression = typeof run === 'string' ? run : `(${run})(${JSON.stringify(argument)})`
      return (await evaluateIn(bidi, { context }, expression)) as never
    },
    setViewportSize: async (viewport) =>
      void (await bidi.send('browsingContext.setViewport', { context, viewport })),
    emulateMedia: async ({ colorScheme, forcedColors = 'none' }) => {
      const set = (name: string, value: number) => inWindow(`Services.prefs.setIntPref('${name}', ${value})`)
      await set('layout.css.prefers-color-scheme.content-override', colorScheme === 'dark' ? 0 : 1)
      // 0 is the default: only where the system has a theme of high contrast.
      await set('browser.display.document_color_use', forcedColors === 'active' ? 2 : 0)
      const followed =
        forcedColors === 'active'
          ? "matchMedia('(forced-colors: active)').matches"
          : `matchMedia('(prefers-color-scheme: ${colorScheme}) and (forced-colors: none)').matches`
      await vi.waitUntil(() => evaluateIn(bidi, { context }, followed))
    },
  } satisfies Page
}

export type FirefoxPage = ReturnType<typeof firefoxPage>
