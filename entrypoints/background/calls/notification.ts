import { isolated } from '../../../messages/isolated.ts'
import type { IncomingCall } from '../../../messages/state.ts'
import { browser } from '../../../platform/browser.ts'
import { createSerialQueue } from '../serial-queue.ts'

const prefix = 'call:'

/** So that what was asked last is what stays on the screen. */
const enqueue = createSerialQueue()

/** The call that a notification speaks of, or null when it speaks of something else. */
export const callOfNotification = (id: string): string | null =>
  id.startsWith(prefix) ? id.slice(prefix.length) : null

/** The order of the buttons, where the browser shows buttons. */
export const notificationButtons = ['answer', 'decline'] as const

/**
 * Shows the notification of a call as it stands, in place of an earlier one. Others may see the screen, so it names
 * the caller only when the person allowed that. It says what its buttons do, or a click where it has none: Firefox throws
 * on `buttons` and `requireInteraction`; Opera refuses `buttons`.
 */
export const notifyOfCall = (call: IncomingCall, mayName: boolean): Promise<void> =>
  enqueue(async () => {
    const id = `${prefix}${call.id}`
    const basic = { type: 'basic' as const, iconUrl: '/icons/app-128.png' }
    if (call.phase !== 'ringing') {
      await browser.notifications.create(id, { ...basic, ...unprovenWords(call, mayName) })
      return
    }
    const title = ringTitle(call, mayName)
    const plain = { ...basic, title, message: 'Click to open the call, with Answer and Decline.' }
    if (import.meta.env.FIREFOX) {
      await browser.notifications.create(id, plain)
      return
    }
    const full = {
      ...basic,
      title,
      message: call.test
        ? 'Only a test: nobody is calling. Answer and Decline both end it.'
        : 'Answer opens the room. Decline ends the call on all your devices.',
      buttons: [{ title: 'Answer' }, { title: 'Decline' }],
      requireInteraction: true,
      priority: 2,
    }
    await browser.notifications.create(id, full).catch(() => browser.notifications.create(id, plain))
  })

function ringTitle({ from, test }: IncomingCall, mayName: boolean): string {
  if (test) return 'Test ring'
  return mayName ? `${isolated(from)} is calling` : 'Incoming call'
}

const unprovenWords = ({ from, phase }: IncomingCall, mayName: boolean) => ({
  title: phase === 'checking' ? 'Checking the connection' : 'Connection lost',
  message: `${mayName ? isolated(from) : 'Whoever called'} may still be waiting.`,
})

export const withdrawNotification = (call: string): Promise<void> =>
  enqueue(async () => {
    await browser.notifications.clear(`${prefix}${call}`)
  })

/** Clears what a worker that was killed in the middle of a ring left on the screen. */
export async function withdrawStaleNotifications(ringing: readonly string[]): Promise<void> {
  for (const id of Object.keys(await browser.notifications.getAll())) {
    const call = callOfNotification(id)
    if (call !== null && !ringing.includes(call)) await withdrawNotification(call)
  }
}
