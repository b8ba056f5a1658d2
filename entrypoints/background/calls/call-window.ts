import * as v from 'valibot'
import { browser } from '../../../platform/browser.ts'

const windows = v.fallback(v.record(v.string(), v.number()), {})
const key = 'callWindows'

/** Which window shows which call; in `storage.session`, since windows outlive the worker that opened them. */
async function known(): Promise<Record<string, number>> {
  const { [key]: kept } = await browser.storage.session.get(key)
  return v.parse(windows, kept)
}

/** Opens the window of a call, or brings it forward; it works in every browser, unlike buttons on notifications. */
export async function openCallWindow(call: string): Promise<void> {
  const { [call]: open } = await known()
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
    await browser.storage.session.set({ [key]: { ...(await known()), [call]: created.id } })
}

export async function closeCallWindow(call: string): Promise<void> {
  const { [call]: open, ...others } = await known()
  if (open === undefined) return
  await browser.storage.session.set({ [key]: others })
  await browser.windows.remove(open).catch(() => {})
}
