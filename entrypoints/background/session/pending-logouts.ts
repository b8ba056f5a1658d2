import * as v from 'valibot'
import { browser } from '../../../platform/browser.ts'
import { createSerialQueue } from '../serial-queue.ts'
import { askServer } from './ask-server.ts'
import { readSession } from './session-storage.ts'

const pendingLogout = v.object({ server: v.string(), endToken: v.string() })
const pendingLogouts = v.fallback(v.array(pendingLogout), [])
type PendingLogout = v.InferOutput<typeof pendingLogout>

/** More than this many unheard log-outs can only be a server that is gone for good. */
const most = 20
const key = 'endings'
const within = 8_000

async function waiting(): Promise<PendingLogout[]> {
  const { [key]: kept } = await browser.storage.local.get(key)
  return v.parse(pendingLogouts, kept)
}

/** One at a time: the list is read, changed and written whole. */
const enqueue = createSerialQueue()

/** Notes that the server has yet to hear of a log-out. The token kept for it can end a session, no more. */
export const notePendingLogout = ({ server, endToken }: PendingLogout): Promise<void> =>
  enqueue(async () => {
    const others = (await waiting()).filter((noted) => noted.endToken !== endToken)
    await browser.storage.local.set({ [key]: [...others, { server, endToken }].slice(-most) })
  })

/** Whether a session has been logged out of here, though its server may not know yet. */
export const isPendingLogout = (endToken: string): Promise<boolean> =>
  enqueue(async () => (await waiting()).some((noted) => noted.endToken === endToken))

/** Tells a server of a log-out at once, whether or not that is noted; true when it has heard. */
export async function sendPendingLogout({ server, endToken }: PendingLogout): Promise<boolean> {
  const asked = askServer({ server, path: '/api/session/end', body: { endToken }, within })
  return (await asked.catch(() => null))?.ok ?? false
}

/**
 * Tells the servers of every log-out they have not heard of yet; true when none is left. The note of a session that
 * this device could not forget stays: it is all that keeps the session from being taken up again.
 */
export async function sendPendingLogouts(): Promise<boolean> {
  const untold = await enqueue(waiting)
  if (untold.length === 0) return true
  const acknowledged = new Set<string>()
  for (const { server, endToken } of untold) {
    if (await sendPendingLogout({ server, endToken })) acknowledged.add(endToken)
  }
  const kept = await readSession()
  if (kept) acknowledged.delete(kept.endToken)
  return await enqueue(async () => {
    const left = (await waiting()).filter(({ endToken }) => !acknowledged.has(endToken))
    await browser.storage.local.set({ [key]: left })
    return left.length === 0
  })
}
