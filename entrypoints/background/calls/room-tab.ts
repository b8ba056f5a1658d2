import * as v from 'valibot'
import { browser } from '../../../platform/browser.ts'
import { roomMeets } from '../../../protocol/http.ts'
import { readAnswer } from '../read-answer.ts'

const key = 'roomTab'

const keptRoom = v.object({ tab: v.number(), room: v.string() })

/** Nothing that is to ring waits longer than this for a server's answer, in ms. */
const answerWithin = 1_000

/** Keeps where the room of the last call is: in which tab it was opened, and its address. */
export const keepRoomTab = (tab: number, room: string): Promise<void> =>
  browser.storage.session.set({ [key]: { tab, room } })

/**
 * Whether the person speaks with somebody in the room of the last call. What its server says of that holds: a tab may be left
 * open, or show something else by now, and who listens hears nothing for long. Of a room elsewhere, and where no server
 * answers, its tab is looked at: `perhaps` is one that is open and silent, which may be a pause, or the end.
 */
export async function isInCall(): Promise<'yes' | 'perhaps' | 'no'> {
  const { [key]: kept } = await browser.storage.session.get(key)
  if (!v.is(keptRoom, kept)) return 'no'
  const [tab, meets] = await Promise.all([
    browser.tabs.get(kept.tab).catch(() => null),
    askRoom(kept.room).catch(() => null),
  ])
  if (meets === true || (meets === null && tab?.audible === true)) return 'yes'
  // A page that connects again is in no room for a moment.
  return tab ? 'perhaps' : 'no'
}

/** @returns null where its server does not say. */
async function askRoom(room: string): Promise<boolean | null> {
  const { origin, pathname } = new URL(room)
  const token = /^\/rooms\/([\w-]+)$/.exec(pathname)?.[1]
  if (token === undefined) return null
  const response = await fetch(`${origin}/api/rooms/${token}`, {
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
    signal: AbortSignal.timeout(answerWithin),
  })
  const answer = response.ok ? await readAnswer(response) : null
  return v.is(roomMeets, answer) ? answer.meets : null
}
