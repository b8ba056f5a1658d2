import type { IncomingCall } from '../../../messages/state.ts'
import { browser } from '../../../platform/browser.ts'

const prefix = 'call:'

/** The call that a notification speaks of, or null when it speaks of something else. */
export const callOfNotification = (id: string): string | null =>
  id.startsWith(prefix) ? id.slice(prefix.length) : null

/** The order of the buttons, where the browser shows buttons. */
export const notificationButtons = ['answer', 'decline'] as const

/**
 * Shows the notification of a call. Others may see the screen, so it names the caller only when the
 * person allowed that. Firefox throws on `buttons` and `requireInteraction`; Opera refuses `buttons`.
 */
export async function notifyOfCall(call: IncomingCall, mayName: boolean): Promise<void> {
  const plain = {
    type: 'basic' as const,
    iconUrl: '/icons/app-128.png',
    title: call.test ? 'Test ring' : 'Incoming call',
    message: mayName && !call.test ? call.from : 'Open Reachable to answer.',
  }
  const id = `${prefix}${call.id}`
  if (import.meta.env.FIREFOX) {
    await browser.notifications.create(id, plain)
    return
  }
  const full = {
    ...plain,
    buttons: [{ title: 'Answer' }, { title: 'Decline' }],
    requireInteraction: true,
    priority: 2,
  }
  await browser.notifications.create(id, full).catch(() => browser.notifications.create(id, plain))
}

export async function withdrawNotification(call: string): Promise<void> {
  await browser.notifications.clear(`${prefix}${call}`)
}

/** Clears what a worker that was killed in the middle of a ring left on the screen. */
export async function withdrawStaleNotifications(ringing: readonly string[]): Promise<void> {
  for (const id of Object.keys(await browser.notifications.getAll())) {
    const call = callOfNotification(id)
    if (call !== null && !ringing.includes(call)) await withdrawNotification(call)
  }
}
