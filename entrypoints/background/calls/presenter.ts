import type { Settings } from '../../../messages/settings.ts'
import type { IncomingCall } from '../../../messages/state.ts'
import { browser } from '../../../platform/browser.ts'
import { closeCallWindow, openCallWindow } from './call-window.ts'
import { notifyOfCall, withdrawNotification, withdrawStaleNotifications } from './notification.ts'
import { createRingTone } from './ring-tone.ts'
import { isInCall, keepRoomTab } from './room-tab.ts'

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
  /** Closes the window of a call; if it was in front, that of the next call that rings comes there. */
  readonly close: (id: string) => void
  /** The calls that ring now; the tone sounds while there is one, or once and softly for whoever is in a call. */
  readonly soundFor: (calls: readonly IncomingCall[]) => void
  /** Opens the room of an answered call, an address that may be opened, in front and in place of the call's window. */
  readonly enter: (id: string, room: string, failed: () => void) => void
}

export function createPresenter(settings: () => Settings): Presenter {
  const tone = createRingTone(settings)
  const mayName = () => settings().namesInNotifications
  let ringing: readonly string[] = []
  /** How often calls have begun to ring, or ceased. */
  let turns = 0

  /** Whoever speaks with somebody hears one soft tone, and the ring once they have hung up, or left the room. */
  async function sound(): Promise<void> {
    turns += 1
    const own = turns
    for (let doubts = mostDoubts; ; await new Promise((over) => setTimeout(over, roomLookEvery))) {
      const isSpeaking = await isInCall().catch(() => false)
      if (turns !== own) return
      doubts = isSpeaking ? 0 : doubts + 1
      if (isSpeaking === false || doubts >= mostDoubts) return tone.sound('ring')
      tone.sound('waiting')
    }
  }

  function soundFor(calls: readonly IncomingCall[]): void {
    const before = ringing
    ringing = calls.map(({ id }) => id)
    if (ringing.length === 0) {
      turns += 1
      tone.sound(null)
    } else if (before.length === 0) void sound()
  }

  return {
    present: (call, shown) => {
      Promise.any([openCallWindow(call.id), notifyOfCall(call, mayName())]).then(shown, () => {})
    },
    notifyUnproven: (call) => void notifyOfCall(call, mayName()).catch(() => {}),
    withdraw: (id) => void withdrawNotification(id).catch(() => {}),
    withdrawOthers: (ringing) => withdrawStaleNotifications(ringing).catch(() => {}),
    close: (id) => void closeCallWindow(id, ringing).catch(() => {}),
    soundFor,
    enter: (id, room, failed) => {
      openRoom(room).then(() => closeCallWindow(id).catch(() => {}), failed)
    },
  }
}

/** In ms. */
const roomLookEvery = 1_000

/** So many looks at which nobody spoke are the end of a call, and not a pause, or a page that connects again. */
const mostDoubts = 4

/**
 * Opens the room of a call, an address that may be opened, in front.
 *
 * @throws when the browser opens neither a tab nor a window.
 */
export async function openRoom(room: string): Promise<void> {
  const tab = await browser.tabs.create({ url: room }).catch(() => null)
  // No ordinary window is open to hold a tab.
  if (!tab) await browser.windows.create({ url: room })
  else if (tab.windowId !== undefined) await bringToFront(tab.windowId).catch(() => {})
  if (tab?.id !== undefined) await keepRoomTab(tab.id, room).catch(() => {})
}

/** Firefox leaves a window minimised that it gives the focus. */
async function bringToFront(window: number): Promise<void> {
  const { state } = await browser.windows.update(window, { focused: true })
  if (state === 'minimized') await browser.windows.update(window, { state: 'normal', focused: true })
}
