import type { IncomingCall } from '../../../messages/state.ts'
import { browser } from '../../../platform/browser.ts'
import { closeCallWindow, openCallWindow } from './call-window.ts'
import { notifyOfCall, withdrawNotification, withdrawStaleNotifications } from './notification.ts'
import { createRingTone } from './ring-tone.ts'

/** How a call is brought before the person: a window, a notification, a tone. */
export interface Presenter {
  /** Calls `shown` as soon as the window or the notification is there, and never when the browser shows neither. */
  readonly present: (call: IncomingCall, shown: () => void) => void
  /** Says, where it was said to ring, that nobody knows whether the call still does. */
  readonly notifyUnproven: (call: IncomingCall) => void
  /** Takes the notification back. The window stays a little, to say how the call ended. */
  readonly withdraw: (id: string) => void
  /** Takes back the notifications of all calls but these, also what a worker that was killed left on the screen. */
  readonly withdrawOthers: (ringing: readonly string[]) => Promise<void>
  readonly close: (id: string) => void
  /** The calls that ring now; the tone sounds while there is one. */
  readonly soundFor: (calls: readonly IncomingCall[]) => void
  /** Opens the room of an answered call, an address that may be opened. */
  readonly enter: (room: string) => void
}

export function createPresenter(mayName: () => boolean): Presenter {
  const tone = createRingTone()
  return {
    present: (call, shown) => {
      Promise.any([openCallWindow(call.id), notifyOfCall(call, mayName())]).then(shown, () => {})
    },
    notifyUnproven: (call) => void notifyOfCall(call, mayName()).catch(() => {}),
    withdraw: (id) => void withdrawNotification(id).catch(() => {}),
    withdrawOthers: (ringing) => withdrawStaleNotifications(ringing).catch(() => {}),
    close: (id) => void closeCallWindow(id).catch(() => {}),
    soundFor: (calls) => tone.sound(calls.length > 0),
    enter: (room) => void enterRoom(room).catch(() => {}),
  }
}

async function enterRoom(room: string): Promise<void> {
  try {
    const tab = await browser.tabs.create({ url: room })
    if (tab.windowId !== undefined) await browser.windows.update(tab.windowId, { focused: true })
  } catch {
    // No ordinary window is open to hold a tab.
    await browser.windows.create({ url: room })
  }
}
