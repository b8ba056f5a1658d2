import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { chromium } from 'playwright'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { chromiumId, firefoxId } from '../../protocol/extension.ts'
import { Bidi } from '../../scripts/browsers/bidi.ts'
import { requireBrowser } from '../../scripts/browsers/find-browser.ts'
import { inRoot } from '../../scripts/root.ts'
import { evaluateIn } from '../support/firefox/evaluate.ts'
import { processesOf, signal } from '../support/processes-of.ts'
import { npmStart } from '../support/server/npm-start.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const within = { timeout: 120_000 }

/** A browser that needs no screen, and that a test can look into. */
function withoutScreen(): Record<string, string> {
  if (inject('browser') === 'firefox') return { MOZ_HEADLESS: '1' }
  const wrapper = join(temporaryFolder(), 'chromium')
  const flags = '--headless=new --remote-debugging-port=0'
  writeFileSync(wrapper, `#!/bin/sh\nexec '${requireBrowser('chromium')}' ${flags} "$@"\n`)
  chmodSync(wrapper, 0o755)
  return { REACHABLE_CHROMIUM: wrapper }
}

const numberIn = (file: string, pattern: RegExp) =>
  vi.waitFor(() => pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? Promise.reject(new Error(file)), within)

interface Popup {
  /** Evaluates an expression there. */
  (expression: string): Promise<unknown>
  /** The addresses of the tabs that were there before it. */
  readonly tabs: readonly string[]
}

/** Opens the popup in a tab of the browser that runs on a profile. */
async function popupOf(profile: string): Promise<Popup> {
  if (inject('browser') === 'chromium') {
    const port = await numberIn(join(profile, 'DevToolsActivePort'), /^(\d+)/)
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { timeout: 90_000 })
    onTestFinished(() => browser.close())
    const context = browser.contexts()[0]
    const tabs = context?.pages().map((tab) => tab.url()) ?? []
    const page = await context?.newPage()
    await page?.goto(`chrome-extension://${chromiumId}/popup.html`)
    return Object.assign(async (expression: string) => page?.evaluate(expression), { tabs })
  }
  const port = await numberIn(join(profile, 'WebDriverBiDiServer.json'), /"ws_port":\s*(\d+)/)
  const bidi = await Bidi.connect(`ws://127.0.0.1:${port}`)
  const { contexts } = (await bidi.send('browsingContext.getTree', {
    maxDepth: 0,
    'moz:scope': 'chrome',
  })) as { readonly contexts?: readonly { readonly context: string }[] }
  const host = await evaluateIn(
    bidi,
    { context: contexts?.[0]?.context ?? '' },
    `WebExtensionPolicy.getByID(${JSON.stringify(firefoxId)}).mozExtensionHostname`,
  )
  const { contexts: open = [] } = (await bidi.send('browsingContext.getTree', { maxDepth: 0 })) as {
    readonly contexts?: readonly { readonly url: string }[]
  }
  const { context } = await bidi.send('browsingContext.create', { type: 'tab' })
  const target = { context: String(context) }
  await bidi.send('browsingContext.navigate', { ...target, url: `moz-extension://${host}/popup.html` })
  return Object.assign((expression: string) => evaluateIn(bidi, target, expression), {
    tabs: open.map(({ url }) => url),
  })
}

const typing = (field: string, text: string) => `(() => {
  const input = document.querySelector('input[autocomplete="${field}"]')
  input.value = ${JSON.stringify(text)}
  input.dispatchEvent(new Event('input', { bubbles: true }))
})()`

const ownTabs =
  '(globalThis.browser ?? chrome).extension.getViews({ type: "tab" }).map((view) => view.location.pathname).join()'

/** Of the window that was opened for a person: who keeps it, and its profile. */
function windowOf(keepers: readonly number[], person: string) {
  for (const keeper of keepers) {
    const profile = inRoot('output', 'browsers', String(keeper))
    const page = join(profile, 'first-page.html')
    if (!readFileSync(page, 'utf8').includes(`the window of ${person}`)) continue
    expect(statSync(page).mode & 0o077).toBe(0)
    return { keeper, profile, page: pathToFileURL(page).href }
  }
  throw new Error(`no window was opened for ${person}`)
}

test('S7.1 S7.2 S7.4 S7.6 a window opens for each of two people, who call one another there, see their lights go off with Ctrl-C, and leave no profile', async () => {
  const browser = inject('browser')
  const bare = browser === 'firefox'
  const start = npmStart(['--open', browser], {
    atTerminal: true,
    env: { ...withoutScreen(), DISPLAY: ':0', TERM: 'xterm', ...(bare && { NO_COLOR: '1' }) },
  })
  await expect.poll(start.said, within).toContain('is open for each of them, and stays open when Ctrl-C')
  expect(start.said().includes('\u001b[1m')).toBe(!bare)
  const address = /running at \S*?(http:\/\/127\.0\.0\.1:\d+)/.exec(start.said())?.[1] ?? ''
  const built = inRoot('output', 'for', new URL(address).host.replace(':', '-'))
  onTestFinished(() => rmSync(built, { recursive: true }))
  expect(existsSync(built)).toBe(true)

  const keepers = processesOf(built).filter((pid) => existsSync(inRoot('output', 'browsers', String(pid))))
  onTestFinished(() => {
    for (const keeper of keepers) signal(processesOf(inRoot('output', 'browsers', String(keeper))), 'SIGKILL')
  })
  expect(keepers).toHaveLength(2)
  const said = stripVTControlCharacters(start.said())
  const logIn = async (username: string, name: string) => {
    const { profile, page } = windowOf(keepers, name)
    const popup = await popupOf(profile)
    expect(popup.tabs).toContain(page)
    await expect.poll(() => popup('document.body.innerText'), within).toContain(address)
    const [, password = ''] = new RegExp(`^ +${username} +password (\\S+)`, 'm').exec(said) ?? []
    expect(readFileSync(new URL(page), 'utf8')).toContain(password)
    expect(processArguments()).not.toContain(password)
    await popup(typing('username', username))
    await popup(typing('current-password', password))
    await popup('document.forms[0].requestSubmit()')
    const light = () => popup('(globalThis.browser ?? chrome).action.getTitle({})')
    await expect.poll(light, within).toContain('Calls can reach you')
    // Nothing of the extension stands before the page that says whose window it is.
    expect(await popup(ownTabs)).toBe('/popup.html')
    return { popup, light }
  }
  const ann = await logIn('ann', 'Ann Example')
  const ben = await logIn('ben', 'Ben Example')
  const call = 'document.querySelector(\'button[aria-label="Call Ben Example"]\')'
  await expect.poll(() => ann.popup(`${call} !== null`), within).toBe(true)
  await ann.popup(`${call}.click()`)
  await expect.poll(ben.light, within).toContain('a call is ringing')

  start.type('\u0003')
  expect(await start.ended).toBe(0)
  expect(start.said()).toContain('The browser stays open')
  await expect(fetch(address)).rejects.toThrow()
  for (const { light } of [ann, ben]) await expect.poll(light, within).toContain('server does not answer')

  for (const keeper of keepers) {
    const profile = inRoot('output', 'browsers', String(keeper))
    signal(
      processesOf(profile).filter((pid) => pid !== keeper),
      'SIGTERM',
    )
    await expect.poll(() => existsSync(profile), within).toBe(false)
    expect(processesOf(profile)).toEqual([])
  }
})

/** What any program of this machine can read of the others: how each was started. */
const processArguments = (): string =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8')
      } catch {
        // It has ended since.
        return ''
      }
    })
    .join('\n')
