import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { chromiumId } from '../../../protocol/extension.ts'
import { requireBrowser } from '../../../scripts/browsers/find-browser.ts'
import { launchChromium } from '../../../scripts/browsers/launch-chromium.ts'
import type { BadgeObserver } from '../device.ts'
import { lightOf } from '../light.ts'
import { copyNotingIcons, drawnAsNoted, type Noted, readNoted } from './icon-noted.ts'
import { quiet } from './open-chromium-device.ts'

interface Answer {
  readonly id: number
  readonly result: { readonly result: { readonly value?: unknown } }
}

/** Speaks to one page and to nothing else. */
async function evaluator(address: string): Promise<(expression: string) => Promise<unknown>> {
  const socket = new WebSocket(address)
  const waiting = new Map<number, (answer: Answer) => void>()
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  await once(socket, 'open')
  let asked = 0
  return async (expression) => {
    asked += 1
    const id = asked
    const answer = new Promise<Answer>((resolve) => waiting.set(id, resolve))
    const params = { expression, awaitPromise: true, returnByValue: true }
    socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params }))
    return (await answer).result.result.value
  }
}

/**
 * Opens a profile's Chromium as its person does. A debugger would keep the worker alive, so none is attached to it, but
 * only to a resource of the extension that runs no script of ours.
 */
export async function openUndebuggedChromium(profile: string): Promise<BadgeObserver> {
  const portFile = join(profile, 'DevToolsActivePort')
  rmSync(portFile, { force: true })
  const child = launchChromium({
    executable: requireBrowser('chromium'),
    profile,
    extension: copyNotingIcons(profile),
    flags: ['--headless=new', '--remote-debugging-port=0', '--remote-allow-origins=*', ...quiet],
  })
  onTestFinished(async () => {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  })
  const port = await vi.waitFor(() => Number(readFileSync(portFile, 'utf8').split('\n')[0]), {
    timeout: 30_000,
  })
  const still = `chrome-extension://${chromiumId}/manifest.json`
  const evaluate = await vi.waitFor(
    async () => {
      const opened = await fetch(`http://127.0.0.1:${port}/json/new?${still}`, { method: 'PUT' })
      const { id, webSocketDebuggerUrl } = (await opened.json()) as { readonly [name: string]: string }
      const page = await evaluator(webSocketDebuggerUrl ?? '')
      if ((await page('typeof chrome.action')) === 'object') return page
      // The extension was not there yet, or its page has only begun to come.
      await fetch(`http://127.0.0.1:${port}/json/close/${id}`)
      throw new Error('No page of the extension has opened')
    },
    { timeout: 30_000, interval: 500 },
  )
  return {
    badge: async () => String(await evaluate('chrome.action.getBadgeText({})')),
    light: async () => lightOf(drawnAsNoted((await evaluate(readNoted)) as Noted)),
    boot: async () =>
      (await evaluate(
        `chrome.runtime.getContexts({ contextTypes: ['BACKGROUND'] }).then(([one]) => one?.contextId)`,
      )) as string | undefined,
  }
}
