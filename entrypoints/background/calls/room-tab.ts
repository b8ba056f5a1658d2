import { browser } from '../../../platform/browser.ts'

const key = 'roomTab'

/** Nothing that is to ring waits longer than this for a server's answer, in ms. */
const answerWithin = 1_000

/** Keeps where the room of the last call is: in which tab it was opened, and its address. */
export const keepRoomTab = (tab: number, room: string): Promise<void> =>
  browser.storage.session.set({ [key]: [tab, room] })

/**
 * Whether the person speaks with somebody in the room of the last call. What its server says of that holds: a tab may be left
 * open, or show something else by now, and who listens hears nothing for long. Of a room elsewhere, and where no server
 * answers, its tab is looked at. Undefined where it is open: that it is silent, or in no room, may be for a moment.
 */
export async function isInCall(): Promise<boolean | undefined> {
  const { [key]: kept } = await browser.storage.session.get(key)
  if (!Array.isArray(kept)) return false
  const [id, room] = kept
  const [tab, says] = await Promise.all([browser.tabs.get(id).catch(() => null), answerOf(room)])
  return says === 204 || (says !== 409 && tab?.audible) || (tab ? undefined : false)
}

/** @returns 204 where both are in this room, 409 where they are not; something else where its server does not say. */
async function answerOf(room: string): Promise<number | undefined> {
  const address = room.replace('/rooms/', '/api/rooms/')
  if (address === room) return undefined
  const response = await fetch(address, {
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
    signal: AbortSignal.timeout(answerWithin),
  }).catch(() => null)
  return response?.status
}
