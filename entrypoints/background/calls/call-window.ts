import * as v from 'valibot'
import { browser } from '../../../platform/browser.ts'
import { createSerialQueue } from '../serial-queue.ts'

const windows = v.fallback(v.record(v.string(), v.number()), {})
const key = 'callWindows'

/** The record is read, changed and written whole, so two calls that ring in one moment must not do it at once. */
const enqueue = createSerialQueue()

/** Which window shows which call; in `storage.session`, since windows outlive the worker that opened them. */
async function known(): Promise<Record<string, number>> {
  const { [key]: kept } = await browser.storage.session.get(key)
  return v.parse(windows, kept)
}

/** Opens the window of a call, or brings it forward; it works in every browser, unlike buttons on notifications. */
export const openCallWindow = (call: string): Promise<void> =>
  enqueue(async () => {
    const others = await known()
    const { [call]: open } = others
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
    if (created?.id !== undefined)
      await browser.storage.session.set({ [key]: { ...others, [call]: created.id } })
  })

export const closeCallWindow = (call: string): Promise<void> =>
  enqueue(async () => {
    const { [call]: open, ...others } = await known()
    if (open === undefined) return
    await browser.storage.session.set({ [key]: others })
    await browser.windows.remove(open).catch(() => {})
  })
