import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import type { Database } from '../../server/database/tables.ts'
import { type ChromiumDevice, openChromiumDevice } from '../support/chromium/open-chromium-device.ts'
import { addPerson, type Person } from '../support/server/add-person.ts'
import { withDatabaseOf } from '../support/server/database-of.ts'
import { startServer } from '../support/server/start-server.ts'
import { signIn } from '../support/sign-in.ts'
import { figuresOf, milliseconds, quantile } from './figure.ts'

const runs = 25
const aim = 100
/** Milliseconds between two openings: one that follows at once may find the browser's last popup still warm. */
const pause = 300

declare const chrome: {
  readonly action: {
    readonly openPopup: () => Promise<void>
    readonly setPopup: (to: { popup: string }) => Promise<void>
  }
  readonly extension: { readonly getViews: (of: { type: 'popup' }) => readonly Window[] }
}

interface Wanted {
  readonly path: string
  /** What is there once the page can be used. */
  readonly selector: string
}

/** What a person came for: the sentence of someone who is signed in, or a login form that takes a name. */
const ours = { path: '/popup.html', selector: 'main .status-sentence, main input:enabled' }

/** A few words of text and no script: what the browser itself takes to show any page or popup of an extension. */
const bare = { path: '/manifest.json', selector: 'pre' }

/** Milliseconds from the navigation to the first frame in which the page can be used, by the page's clock. */
async function loadAsPage(device: ChromiumDevice, { path, selector }: Wanted): Promise<number[]> {
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
  }, selector)
  const address = page.url().replace('/manifest.json', path)
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) {
    await page.goto(address)
    times.push(await page.evaluate(() => (window as unknown as { usableAt: Promise<number> }).usableAt))
  }
  await page.close()
  return times
}

interface Opened {
  /** Milliseconds from `action.openPopup()` to the first frame in which the real popup can be used. */
  readonly whole: number
  /** How much of it passed since the popup began to load its page; the rest is the browser's. */
  readonly loading: number
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
    const opened = { whole: performance.now() - began, loading: popup.performance.now() }
    await opening
    popup.close()
    while (views().length > 0) await soon()
    return opened
  }, wanted)

async function openFromToolbar(device: ChromiumDevice, wanted: Wanted): Promise<Opened[]> {
  const page = await device.open('manifest.json')
  const setPopup = (popup: string) => page.evaluate((to) => chrome.action.setPopup({ popup: to }), popup)
  await setPopup(wanted.path)
  const times: Opened[] = []
  for (let run = 0; run < runs; run += 1) {
    await page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), pause)
    times.push(await openOnce(page, wanted))
  }
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
  const device = await openChromiumDevice()
  add('popup page to login form', await loadAsPage(device, ours), aim)
  await signIn(device, server, person)
  add('popup page to the sentence', await loadAsPage(device, ours), aim)
  add('a page of plain text', await loadAsPage(device, bare))
  const opened = await openFromToolbar(device, ours)
  const whole = (times: readonly Opened[]) => times.map((time) => time.whole)
  add('popup opened from the toolbar to the sentence', whole(opened), aim)
  const loading = opened.map((time) => time.loading)
  const browsers = opened.map((time) => time.whole - time.loading)
  figures.add('of that, before the page begins to load, median', quantile(browsers, 0.5), milliseconds)
  figures.add('of that, from then on, median', quantile(loading, 0.5), milliseconds, aim)
  add('a popup of plain text, opened in the same way', whole(await openFromToolbar(device, bare)))
})

/** Somebody has so many contacts, who have never signed in. */
async function addContacts(db: Database, { username }: Person, count: number): Promise<void> {
  const { id: userId } = await db
    .selectFrom('user')
    .select('id')
    .where('username', '=', username)
    .executeTakeFirstOrThrow()
  const at = new Date().toISOString()
  const everybody = Array.from({ length: count }, (_, n) => `contact-${n}`)
  for (let from = 0; from < count; from += 200) {
    const some = everybody.slice(from, from + 200)
    await db
      .insertInto('user')
      .values(
        some.map((id) => ({
          ...{ id, name: `Dr. ${id}`, email: `${id}@clinic.example`, username: id, displayUsername: id },
          ...{ emailVerified: 0, image: null, createdAt: at, updatedAt: at },
        })),
      )
      .execute()
    const pairs = some.flatMap((other) => [
      { userId, id: other, otherId: other },
      { userId: other, id: userId, otherId: userId },
    ])
    await db
      .insertInto('contact')
      .values(pairs.map((pair) => ({ ...pair, relation: 'contact' as const, since: 0 })))
      .execute()
  }
}

/** Until contacts are there to be called. */
const row = { path: '/popup.html', selector: 'main [role=grid] [data-row]' }

/** From one frame to the next so much may pass, in ms, before somebody sees that one was left out. */
const mostBetweenFrames = 50

/** Scrolls through the whole list, some rows a frame, and back. @returns ms from each frame to the next. */
const scrollThrough = (page: Page): Promise<number[]> =>
  page.evaluate(async () => {
    const list = document.querySelector('[role=grid][aria-label=Contacts]')
    if (!list) throw new Error('No contacts are shown')
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve))
    const between: number[] = []
    let last = await frame()
    for (const by of [300, 3_000, -3_000, -300])
      for (let step = 0; step < 60; step += 1) {
        list.scrollTop += by
        const at = await frame()
        between.push(at - last)
        last = at
      }
    return between
  })

for (const count of [200, 5_000])
  test(`how soon the popup can be used with ${count} contacts, and how it scrolls`, async (context) => {
    const figures = figuresOf(context)
    const many = `with ${count.toLocaleString('en')} contacts`
    const server = await startServer()
    const person = await addPerson(server)
    await withDatabaseOf(server, (db) => addContacts(db, person, count))
    const device = await openChromiumDevice()
    await signIn(device, server, person)
    const page = await device.open('popup.html')
    const known = () => page.getByRole('grid', { name: 'Contacts' }).getAttribute('aria-rowcount')
    await expect.poll(known, { timeout: 30_000 }).toBe(String(count))
    const between = await scrollThrough(page)
    const frames = `frames scrolled through ${many}, ${between.length}`
    figures.add(`${frames}, slowest`, Math.max(...between), milliseconds, mostBetweenFrames)
    figures.add(`${frames}, 99 of 100`, quantile(between, 0.99), milliseconds)
    await page.close()
    for (const [what, wanted] of [
      ['the sentence', ours],
      ['the first contact', row],
    ] as const) {
      const times = await loadAsPage(device, wanted)
      figures.add(`popup page ${many} to ${what}, median of ${runs}`, quantile(times, 0.5), milliseconds, aim)
    }
    const opened = (await openFromToolbar(device, ours)).map(({ whole }) => whole)
    figures.add(`popup opened ${many} to the sentence, median`, quantile(opened, 0.5), milliseconds, aim)
  })
