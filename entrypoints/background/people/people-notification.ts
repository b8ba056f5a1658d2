import { isolated } from '../../../messages/isolated.ts'
import { browser } from '../../../platform/browser.ts'
import { createSerialQueue } from '../serial-queue.ts'

/** Of what a notification speaks, and of whom: one of each at most is on the screen. */
export type PeopleNotice =
  | { readonly about: 'message' | 'asks' | 'reachable'; readonly contact: string; readonly name: string }
  /** `contact` names the call, and `name` whoever said that they would place it. */
  | { readonly about: 'expected'; readonly contact: string; readonly name: string; readonly at: string }

const prefix = 'people:'

/** So that what was asked last is what stays on the screen. */
const enqueue = createSerialQueue()

const idOf = ({ about, contact }: Pick<PeopleNotice, 'about' | 'contact'>) => `${prefix}${about}:${contact}`

export const isPeopleNotification = (id: string): boolean => id.startsWith(prefix)

const ofThread = idOf({ about: 'message', contact: '' })

/** The contact whose messages a notification tells of; null where it tells of something else. */
export const threadOfNotification = (id: string): string | null =>
  id.startsWith(ofThread) ? id.slice(ofThread.length) : null

/**
 * Shows it in place of an earlier one about the same. Others may see the screen, so it names somebody only where the
 * person allowed that, and never says what was written.
 */
export const notifyOfPeople = (notice: PeopleNotice, mayName: boolean): Promise<void> =>
  enqueue(async () => {
    await browser.notifications.create(idOf(notice), {
      type: 'basic',
      iconUrl: '/icons/app-128.png',
      ...words(notice, mayName),
    })
  })

function words(notice: PeopleNotice, mayName: boolean): { readonly title: string; readonly message: string } {
  const name = mayName ? isolated(notice.name) : null
  switch (notice.about) {
    case 'expected':
      // It is as true after that time as before it, and whatever of it is mended meanwhile.
      return {
        title: `${name === null ? 'Call' : `Call from ${name}`} expected at ${notice.at}`,
        message: 'It might not ring here. Click to see why, and what helps.',
      }
    case 'message':
      return {
        title: name === null ? 'New message' : `New message from ${name}`,
        message: 'Click to read it.',
      }
    case 'asks':
      return {
        title: 'Contact request',
        message: `${name ?? 'Somebody'} asks to be your contact. Click to answer.`,
      }
    case 'reachable':
      return {
        title: name === null ? 'A contact can be reached' : `${name} can be reached`,
        message: 'You asked to be told once. Click to open Reachable.',
      }
    default:
      return notice satisfies never
  }
}

export const withdrawPeopleNotice = (notice: Pick<PeopleNotice, 'about' | 'contact'>): Promise<void> =>
  enqueue(async () => {
    await browser.notifications.clear(idOf(notice))
  })

const abouts = ['message', 'asks', 'reachable', 'expected'] as const

function noticeOf(id: string): Pick<PeopleNotice, 'about' | 'contact'> | undefined {
  const about = abouts.find((one) => id.startsWith(idOf({ about: one, contact: '' })))
  return about && { about, contact: id.slice(idOf({ about, contact: '' }).length) }
}

/** Withdraws of all that are on the screen those that are `unwanted`, with one look at what there is. */
export const withdrawPeopleNotices = (
  unwanted: (notice: Pick<PeopleNotice, 'about' | 'contact'>) => boolean,
): Promise<void> =>
  enqueue(async () => {
    for (const id of Object.keys(await browser.notifications.getAll())) {
      const notice = noticeOf(id)
      if (notice && unwanted(notice)) await browser.notifications.clear(id)
    }
  })

/** Nobody is signed in: of nobody anything stays on the screen. */
export const withdrawAllPeopleNotices = (): Promise<void> => withdrawPeopleNotices(() => true)
