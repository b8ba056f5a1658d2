import * as v from 'valibot'
import { browser } from '../../../platform/browser.ts'

const ending = v.object({ server: v.string(), endToken: v.string() })
const endings = v.fallback(v.array(ending), [])
type Ending = v.InferOutput<typeof ending>

/** More than this many unheard log-outs can only be a server that is gone for good. */
const most = 20
const key = 'endings'

async function waiting(): Promise<Ending[]> {
  const { [key]: kept } = await browser.storage.local.get(key)
  return v.parse(endings, kept)
}

/** Notes that the server has yet to hear of a log-out. The token kept for it can end a session, no more. */
export async function noteEnding(added: Ending): Promise<void> {
  const kept = (await waiting()).filter(({ endToken }) => endToken !== added.endToken)
  await browser.storage.local.set({ [key]: [...kept, added].slice(-most) })
}

/** Tells the servers of every log-out they have not heard of yet; true when none is left. */
export async function tellEndings(): Promise<boolean> {
  const told = new Set<string>()
  for (const { server, endToken } of await waiting()) {
    const response = await fetch(`${server}/api/session/end`, {
      method: 'POST',
      credentials: 'omit',
      redirect: 'error',
      keepalive: true,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ endToken }),
      signal: AbortSignal.timeout(8_000),
    }).catch(() => null)
    if (response?.ok) told.add(endToken)
  }
  const left = (await waiting()).filter(({ endToken }) => !told.has(endToken))
  await browser.storage.local.set({ [key]: left })
  return left.length === 0
}
