import * as v from 'valibot'
import { browser } from '../../../platform/browser.ts'
import { createSerialQueue } from '../serial-queue.ts'

/** Pairs, since a server may name a call `__proto__`. */
const windows = v.fallback(v.array(v.tuple([v.string(), v.number()])), [])
const key = 'callWindows'

/** The record is read, changed and written whole, so two calls that ring in one moment must not do it at once. */
const enqueue = createSerialQueue()

/** Which window shows which call; in `storage.session`, since windows outlive the worker that opened them. */
async function known(): Promise<Map<string, number>> {
  const { [key]: kept } = await browser.storage.session.get(key)
  return new Map(v.parse(windows, kept))
}

const keep = (known: Map<string, number>) => browser.storage.session.set({ [key]: [...known] })

/** Opens the window of a call, or brings it forward; it works in every browser, unlike buttons on notifications. */
export const openCallWindow = (call: string): Promise<void> =>
  enqueue(async () => {
    const opened = await known()
    const open = opened.get(call)
    if (open !== undefined) {
      const focused = await browser.windows
        .update(open, { focused: true, drawAttention: true })
        .catch(() => null)
      if (focused) return
    }
    const created = await browser.windows.create({
      url: browser.runtime.getURL(`/call.html?id=${encodeURIComponent(call)}`),
      type: 'popup',
      width: 380,
      height: 460,
    })
    if (created?.id !== undefined) await keep(opened.set(call, created.id))
  })

export const closeCallWindow = (call: string): Promise<void> =>
  enqueue(async () => {
    const opened = await known()
    const open = opened.get(call)
    if (open === undefined) return
    opened.delete(call)
    await keep(opened)
    await browser.windows.remove(open).catch(() => {})
  })
