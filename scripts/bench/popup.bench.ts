import type { Page } from 'playwright'
import { test } from 'vitest'
import { type Device, openDevice } from '../../tests/support/chromium/open-device.ts'
import { signIn } from '../../tests/support/chromium/sign-in.ts'
import { addPerson } from '../../tests/support/server/add-person.ts'
import { startServer } from '../../tests/support/server/start-server.ts'
import { figuresOf, milliseconds, quantile } from './figure.ts'

const runs = 25
const aim = 100

declare const chrome: {
  readonly action: {
    readonly openPopup: () => Promise<void>
    readonly setPopup: (to: { popup: string }) => Promise<void>
  }
  readonly extension: { readonly getViews: (of: { type: 'popup' }) => readonly Window[] }
}

/** What a person came for: the sentence of someone who is signed in, or a login form that takes a name. */
const usable = 'main .status-sentence, main input:enabled'

/** Milliseconds from the navigation to the first frame in which the popup can be used, by the page's clock. */
async function loadAsPage(device: Device): Promise<number[]> {
  const page = await device.open('manifest.json')
  await page.addInitScript((selector) => {
    const usableAt = new Promise<number>((resolve) => {
      const changes = new MutationObserver(() => {
        if (document.querySelector(selector) === null) return
        changes.disconnect()
        // The task after a frame's callbacks runs when that frame has been drawn.
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))
      })
      changes.observe(document, { childList: true, subtree: true, attributes: true })
    })
    Object.assign(window, { usableAt })
  }, usable)
  const popup = page.url().replace('manifest.json', 'popup.html')
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) {
    await page.goto(popup)
    times.push(await page.evaluate(() => (window as unknown as { usableAt: Promise<number> }).usableAt))
  }
  await page.close()
  return times
}

interface Opened {
  /** Milliseconds from `action.openPopup()` to the first frame in which the real popup can be used. */
  readonly whole: number
  /** How much of it passed since the popup began to load its page; the rest is the browser's. */
  readonly ours: number
}

const openOnce = (page: Page, wanted: Wanted): Promise<Opened> =>
  page.evaluate(async ({ path, selector }) => {
    const soon = () => new Promise((resolve) => setTimeout(resolve))
    const began = performance.now()
    const opening = chrome.action.openPopup()
    const views = () => chrome.extension.getViews({ type: 'popup' })
    const isUsable = ({ location, document }: Window) =>
      location.pathname === path && document.querySelector(selector) !== null
    while (!views().some(isUsable)) await soon()
    const popup = views()[0] as Window & typeof globalThis
    await new Promise<void>((resolve) => popup.requestAnimationFrame(() => popup.setTimeout(resolve)))
    const opened = { whole: performance.now() - began, ours: popup.performance.now() }
    await opening
    popup.close()
    while (views().length > 0) await soon()
    return opened
  }, wanted)

interface Wanted {
  readonly path: string
  readonly selector: string
}

async function openFromToolbar(device: Device, wanted: Wanted): Promise<Opened[]> {
  const page = await device.open('manifest.json')
  const setPopup = (popup: string) => page.evaluate((to) => chrome.action.setPopup({ popup: to }), popup)
  await setPopup(wanted.path)
  const times: Opened[] = []
  for (let run = 0; run < runs; run += 1) times.push(await openOnce(page, wanted))
  await setPopup('/popup.html')
  await page.close()
  return times
}

test('how soon the popup can be used', async (context) => {
  const figures = figuresOf(context)
  const add = (what: string, times: readonly number[], most?: number) => {
    figures.add(`${what}, median of ${runs}`, quantile(times, 0.5), milliseconds, most)
    figures.add(`${what}, slowest`, Math.max(...times), milliseconds)
  }
  const server = await startServer()
  const person = await addPerson(server)
  const device = await openDevice()
  add('popup page to login form', await loadAsPage(device), aim)
  await signIn(device, server, person)
  add('popup page to the sentence', await loadAsPage(device), aim)
  const opened = await openFromToolbar(device, { path: '/popup.html', selector: usable })
  const wholes = opened.map(({ whole }) => whole)
  add('popup opened from the toolbar to the sentence', wholes, aim)
  const ours = opened.map((one) => one.ours)
  figures.add('of that, since the popup began to load, median', quantile(ours, 0.5), milliseconds, aim)
  // A few words of text and no script: what the browser itself takes to open any popup.
  const bare = await openFromToolbar(device, { path: '/manifest.json', selector: 'pre' })
  const bares = bare.map(({ whole }) => whole)
  figures.add('a popup of plain text, opened in the same way, median', quantile(bares, 0.5), milliseconds)
})
