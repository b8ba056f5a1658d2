import { browser } from '../../../platform/browser.ts'

const key = 'roomTab'

/** Keeps in which tab the room of the last call is. */
export const keepRoomTab = (tab: number): Promise<void> => browser.storage.session.set({ [key]: tab })

/** The tab of a room that the person has not left; null where there is none. */
async function roomTab() {
  const { [key]: kept } = await browser.storage.session.get(key)
  return typeof kept === 'number' ? await browser.tabs.get(kept).catch(() => null) : null
}

/**
 * Whether the person speaks with somebody: the room of an answered call is open, and something is heard in it. Who left the
 * tab open and the call is not in one, and is to hear a ring.
 */
export const isInCall = async (): Promise<boolean> => (await roomTab())?.audible === true

export const isRoomOpen = async (): Promise<boolean> => (await roomTab()) !== null
