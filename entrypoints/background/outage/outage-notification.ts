import { momentWithDay } from '../../../messages/moment-wording.ts'
import type { UnreachableReason } from '../../../messages/state.ts'
import { unreachableAction, unreachableReason } from '../../../messages/unreachable-reasons.ts'
import { browser } from '../../../platform/browser.ts'
import { createSerialQueue } from '../serial-queue.ts'
import type { Notice } from './outage-reducer.ts'

/** There is one notification of the light, so that its last word is the only one. */
const id = 'light'

export const isOutageNotification = (notification: string): boolean => notification === id

/** So that what was asked last is what stays on the screen. */
const enqueue = createSerialQueue()

const capital = (sentence: string) => `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`

function offMessage(why: UnreachableReason | null, since: string | null): string {
  if (why === null) return `${since === null ? '' : `Since ${since}. `}Click to see why.`
  const reason = unreachableReason(why)
  const action = unreachableAction(why) ?? 'Click to see what helps.'
  return `${since === null ? capital(reason) : `Since ${since}: ${reason}`}. ${action}`
}

/**
 * What a notice says. It names nobody: others may see the screen. It is read whenever they come, so its times have a day.
 *
 * @param now milliseconds since 1970.
 */
export function noticeWords(
  notice: Notice,
  now: number,
): { readonly title: string; readonly message: string } {
  if (notice.says === 'back')
    return {
      title: 'Calls can reach you again',
      message: `Confirmed ${momentWithDay(notice.confirmedAt, now)}.`,
    }
  const since = notice.since === null ? null : momentWithDay(notice.since, now)
  return { title: 'Calls cannot reach you', message: offMessage(notice.why, since) }
}

/** Shows a notice in place of an earlier one. Plain: Firefox throws on buttons and on whatever would keep it there. */
export const showNotice = (notice: Notice): Promise<void> =>
  enqueue(async () => {
    await browser.notifications.create(id, {
      type: 'basic',
      iconUrl: `/icons/${notice.says === 'back' ? 'reachable' : 'unreachable'}-48.png`,
      ...noticeWords(notice, Date.now()),
    })
  })

export const clearNotice = (): Promise<void> =>
  enqueue(async () => {
    await browser.notifications.clear(id)
  })

/** Whether it stands on the screen once all is done that was asked before. */
export const noticeStands = (): Promise<boolean> =>
  enqueue(async () => id in (await browser.notifications.getAll()))
