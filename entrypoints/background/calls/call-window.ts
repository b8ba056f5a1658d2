import * as v from 'valibot'
import type { Ask } from '../../../messages/commands.ts'
import { browser } from '../../../platform/browser.ts'
import { withTimeout } from '../../../platform/timeout.ts'
import { createSerialQueue } from '../serial-queue.ts'
import {
  type Area,
  type BrowserWindow,
  headHeightOf,
  placeBeside,
  withinScreen,
} from './call-window-place.ts'

/** In pairs, since a server may name a call `__proto__`. */
const windows = v.fallback(v.array(v.tuple([v.string(), v.object({ id: v.number(), slot: v.number() })])), [])
type Shown = v.InferOutput<typeof windows>[number][1]
const key = 'callWindows'

/** A browser that does not say where its windows are is not waited for, in milliseconds. */
const foundWithin = 500

/** About what a call takes; its page says what is missing once it is drawn. */
const size = { width: 360, height: 380 }

/** The record is read, changed and written whole, so two calls that ring in one moment must not do it at once. */
const enqueue = createSerialQueue()

/** Which window shows which call; in `storage.session`, since windows outlive the worker that opened them. */
async function known(): Promise<Map<string, Shown>> {
  const { [key]: kept } = await browser.storage.session.get(key)
  return new Map(v.parse(windows, kept))
}

const keep = (known: Map<string, Shown>) => browser.storage.session.set({ [key]: [...known] })

/** Opens the window of a call, or brings it forward; it works in every browser, unlike buttons on notifications. */
export const openCallWindow = (call: string): Promise<void> =>
  openWindow(call, `/call.html?id=${encodeURIComponent(call)}`)

/** The same of a call that this person placed, by the key that this device gave it. */
export const openPlacedCallWindow = (key: string): Promise<void> =>
  openWindow(key, `/call.html?placed=${encodeURIComponent(key)}`)

const openWindow = (call: string, page: string): Promise<void> =>
  enqueue(async () => {
    const opened = await known()
    const open = opened.get(call)
    if (open && (await bringForward(open.id))) return
    for (const [other, { id }] of opened) if (!(await isThere(id))) opened.delete(other)
    const taken = new Set([...opened.values()].map(({ slot }) => slot))
    let slot = 0
    while (taken.has(slot)) slot += 1
    const id = await create(new URL(page, browser.runtime.getURL('/')).href, slot)
    if (id !== undefined) await keep(opened.set(call, { id, slot }))
  })

/** A window may close while no worker lives to note it. */
const isThere = (id: number): Promise<boolean> =>
  withTimeout(find(id), foundWithin).then(
    (window) => window !== null,
    () => true,
  )

const find = (id: number) =>
  browser.windows.get(id).then(
    (window) => window ?? null,
    () => null,
  )

async function bringForward(id: number): Promise<boolean> {
  const focused = await browser.windows.update(id, { focused: true, drawAttention: true }).catch(() => null)
  return focused !== null
}

/** Where windows were to open that stand elsewhere until they know their screen. */
const refused = new Map<number, Area>()

/** What a browser refuses to place (Chromium, where more than half would be off the screen) it places by itself. */
async function create(url: string, slot: number): Promise<number | undefined> {
  const window = { url, type: 'popup' as const, ...size }
  const beside = await withTimeout(browserWindow(), foundWithin).catch(() => null)
  if (!beside) return (await browser.windows.create(window))?.id
  const place = placeBeside(beside, size, slot)
  try {
    return (await browser.windows.create({ ...window, ...place }))?.id
  } catch {
    const id = (await browser.windows.create(window))?.id
    if (id !== undefined) refused.set(id, place)
    return id
  }
}

/** Firefox takes no types here, and may tell of the window of a call. */
const ofToolbars = import.meta.env.FIREFOX ? {} : { windowTypes: ['normal' as const] }

/** The window that the person used last of those that have a toolbar and can be seen; null when there is none. */
async function browserWindow(): Promise<BrowserWindow | null> {
  const [all, last] = await Promise.all([
    browser.windows.getAll({ windowTypes: ['normal'] }),
    browser.windows.getLastFocused(ofToolbars).catch(() => null),
  ])
  const seen = all.filter(({ type, state }) => type === 'normal' && state !== 'minimized')
  const window = seen.find(({ focused }) => focused) ?? seen.find(({ id }) => id === last?.id) ?? seen[0]
  const area = window && areaOf(window)
  if (!area || window.id === undefined) return null
  const [tab] = await browser.tabs.query({ active: true, windowId: window.id }).catch(() => [])
  return { ...area, headHeight: headHeightOf(area.height, tab?.height) }
}

function areaOf({
  left,
  top,
  width,
  height,
}: { readonly [Name in keyof Area]?: number | undefined }): Area | null {
  if (left === undefined || top === undefined || width === undefined || height === undefined) return null
  return { left, top, width, height }
}

/**
 * Makes the window of a call as high as what it shows, and puts it onto its screen, as far as the browser can. No call
 * waits for that to be shown.
 *
 * @param by how much more the page needs than it has (less, when negative), in its own pixels.
 */
export async function fitCallWindow({ call, by, screen }: Ask<'fit-call-window'>): Promise<void> {
  const open = (await known()).get(call)
  const window = open && (await browser.windows.get(open.id, { populate: true }).catch(() => null))
  const area = window && areaOf(window)
  if (!open || !area || window.state !== 'normal') return
  const zoom = await browser.tabs.getZoom(window.tabs?.[0]?.id).catch(() => 1)
  const { left, top } = refused.get(open.id) ?? area
  refused.delete(open.id)
  const height = Math.round(area.height + by * zoom)
  const fitting = withinScreen({ left, top, width: area.width, height }, screen)
  // Only what differs: some window managers move a window a little when they are told where it is.
  const changes = Object.entries(fitting).filter(([name, value]) => area[name as keyof Area] !== value)
  if (changes.length > 0) await browser.windows.update(open.id, Object.fromEntries(changes)).catch(() => {})
}

/** The call whose window that was, now that the browser has closed it; null of any other window. */
export const callOfClosedWindow = (id: number): Promise<string | null> =>
  enqueue(async () => {
    const opened = await known()
    const [call] = [...opened].find(([, shown]) => shown.id === id) ?? []
    if (call === undefined) return null
    opened.delete(call)
    await keep(opened)
    return call
  })

/**
 * Closes the window of a call.
 *
 * @param next the calls that ring: the window of the first of them is brought forward if this one was in front.
 */
export const closeCallWindow = (call: string, next: readonly string[] = []): Promise<void> =>
  enqueue(async () => {
    const opened = await known()
    const open = opened.get(call)
    if (!open) return
    const wasInFront = (await find(open.id))?.focused
    await browser.windows.remove(open.id).catch(() => {})
    // Only now: a worker that dies in between leaves a record to be mended, not a window.
    opened.delete(call)
    await keep(opened)
    const other = next.map((id) => opened.get(id)).find((shown) => shown !== undefined)
    if (wasInFront && other) await bringForward(other.id)
  })
