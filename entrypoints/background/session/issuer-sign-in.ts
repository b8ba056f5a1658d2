import type { LogInRefusal } from '../../../messages/commands.ts'
import { browser } from '../../../platform/browser.ts'
import { diagnose } from '../connection/diagnose.ts'
import { deviceId } from './device-id.ts'
import { beginFlow, forgetFlow, readWayBack } from './issuer-flow.ts'
import { type SignedIn, signInByCode } from './sign-in.ts'

/**
 * Signs in at the server's issuer (Google, or another) in a window that the browser opens. Runs in the
 * worker, since the popup closes as soon as that window takes the focus.
 */
export async function signInAtIssuer(
  server: string,
  staySignedIn: boolean,
  stillWanted: () => boolean,
): Promise<SignedIn> {
  const reason = await diagnose(server)
  if (reason !== null) return { ok: false, why: reason === 'outdated' ? 'outdated' : 'server-silent' }
  try {
    const { flow, url } = await beginFlow(server)
    const wayBack = await openWindow(url)
    if (wayBack === 'closed') return { ok: false, why: await whyClosed(server) }
    const read = readWayBack(flow, wayBack)
    if ('error' in read) return { ok: false, why: read.error }
    // Spending the code would end the session of whoever has logged in by password meanwhile.
    if (!stillWanted()) return { ok: false, why: 'interrupted' }
    return await signInByCode(server, {
      code: read.code,
      verifier: flow.verifier,
      staySignedIn,
      device: await deviceId(),
    })
  } catch {
    return { ok: false, why: 'storage' }
  } finally {
    await forgetFlow().catch(() => {})
  }
}

/** Browsers say with one rejection that the person closed the window and that nothing loaded in it. */
async function openWindow(url: string): Promise<string | undefined | 'closed'> {
  try {
    return await browser.identity.launchWebAuthFlow({ url, interactive: true })
  } catch {
    return 'closed'
  }
}

async function whyClosed(server: string): Promise<LogInRefusal['why']> {
  return (await diagnose(server)) === null ? 'window-closed' : 'server-silent'
}
