import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

const within = { timeout: 60_000 }

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

/** Opens the popup in a tab of the browser that runs on a profile. @returns what evaluates an expression there. */
async function popupOf(profile: string): Promise<(expression: string) => Promise<unknown>> {
  if (inject('browser') === 'chromium') {
    const port = await numberIn(join(profile, 'DevToolsActivePort'), /^(\d+)/)
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { timeout: 90_000 })
    onTestFinished(() => browser.close())
    const page = await browser.contexts()[0]?.newPage()
    await page?.goto(`chrome-extension://${chromiumId}/popup.html`)
    return async (expression) => page?.evaluate(expression)
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
  const { context } = await bidi.send('browsingContext.create', { type: 'tab' })
  const target = { context: String(context) }
  await bidi.send('browsingContext.navigate', { ...target, url: `moz-extension://${host}/popup.html` })
  return (expression) => evaluateIn(bidi, target, expression)
}

const typing = (field: string, text: string) => `(() => {
  const input = document.querySelector('input[autocomplete="${field}"]')
  input.value = ${JSON.stringify(text)}
  input.dispatchEvent(new Event('input', { bubbles: true }))
})()`

test('S7.1 S7.2 S7.4 a browser that was opened knows the address, shows its light go off with Ctrl-C, and leaves no profile', async () => {
  const browser = inject('browser')
  const bare = browser === 'firefox'
  const start = npmStart(['--open', browser], {
    atTerminal: true,
    env: { ...withoutScreen(), DISPLAY: ':0', TERM: 'xterm', ...(bare && { NO_COLOR: '1' }) },
  })
  await expect.poll(start.said, within).toContain('and stays open when Ctrl-C ends the server')
  expect(start.said().includes('\u001b[1m')).toBe(!bare)
  const address = /running at \S*?(http:\/\/127\.0\.0\.1:\d+)/.exec(start.said())?.[1] ?? ''
  const built = inRoot('output', 'for', new URL(address).host.replace(':', '-'))
  onTestFinished(() => rmSync(built, { recursive: true }))
  expect(existsSync(built)).toBe(true)

  const [keeper] = processesOf(built)
  const profile = inRoot('output', 'browsers', String(keeper))
  onTestFinished(() => signal(processesOf(profile), 'SIGKILL'))
  const popup = await popupOf(profile)
  await expect.poll(() => popup('document.body.innerText'), within).toContain(address)
  const [, password = ''] = /^ +ann +password (\S+)/m.exec(stripVTControlCharacters(start.said())) ?? []
  await popup(typing('username', 'ann'))
  await popup(typing('current-password', password))
  await popup('document.forms[0].requestSubmit()')
  const light = () => popup('(globalThis.browser ?? chrome).action.getTitle({})')
  await expect.poll(light, within).toContain('Calls can reach you')

  start.type('\u0003')
  expect(await start.ended).toBe(0)
  expect(start.said()).toContain('The browser stays open')
  await expect(fetch(address)).rejects.toThrow()
  await expect.poll(light, within).toContain('server does not answer')

  signal(
    processesOf(profile).filter((pid) => pid !== keeper),
    'SIGTERM',
  )
  await expect.poll(() => existsSync(profile), within).toBe(false)
  expect(processesOf(profile)).toEqual([])
})
