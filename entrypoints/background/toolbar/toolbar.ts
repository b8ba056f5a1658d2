import { browser } from '../../../platform/browser.ts'
import { type BadgeView, checkingView } from './badge-view.ts'
import { createIconWriter } from './icon-writer.ts'

/** What the browser did not draw is drawn again after so many milliseconds, if nobody asks before. */
const againAfter = 1_000

export interface Toolbar {
  /** Shows a view, writing only what differs from the last one. */
  readonly show: (view: BadgeView) => void
}

/** The only writer of badge, icon and tooltip. Its making shows "checking" before anything else can happen. */
export function createToolbar(): Toolbar {
  let shown: Partial<BadgeView> = {}
  let wanted = checkingView
  let timer: ReturnType<typeof setTimeout> | undefined
  let titleTimer: ReturnType<typeof setTimeout> | undefined
  const drawIcon = createIconWriter(() => wanted.icon, drawIconAgain, againAfter)

  function show(view: BadgeView): void {
    const { action } = browser
    const before = shown
    shown = view
    wanted = view
    const draw = (part: keyof BadgeView, write: () => Promise<void>) => {
      if (view[part] === before[part]) return
      // Not drawn is not shown, and the next change that would draw it again may be long in coming.
      void attempt(write).catch(() => {
        forget(part)
        clearTimeout(timer)
        timer = setTimeout(() => show(wanted), againAfter)
      })
    }
    draw('text', () => action.setBadgeText({ text: view.text }))
    draw('colour', () => action.setBadgeBackgroundColor({ color: view.colour }))
    draw('title', async () => {
      await action.setTitle({ title: view.title })
      if (import.meta.env.FIREFOX) writeTitleAgain()
    })
    draw('icon', drawIcon)
  }

  /**
   * Firefox draws a title by way of its translations, which takes as long as they are being read: two titles of a moment may
   * end in the other order, and the older one would stay. One that is the same is not drawn again, so it is another first, by
   * a space that nobody sees.
   */
  function writeTitleAgain(): void {
    clearTimeout(titleTimer)
    titleTimer = setTimeout(() => {
      const write = (end: string) => browser.action.setTitle({ title: `${wanted.title}${end}` })
      void attempt(() => write(' '))
        .then(() => write(''))
        .catch(() => {})
    }, againAfter)
  }

  function forget(part: keyof BadgeView): void {
    shown = { ...shown, [part]: undefined }
  }

  function drawIconAgain(): void {
    forget('icon')
    show(wanted)
  }

  show(checkingView)
  void attempt(() => browser.action.setBadgeTextColor({ color: '#ffffff' })).catch(() => {})
  return { show }
}

/** A refusal is a rejection, also where the browser throws at once. */
const attempt = async (write: () => Promise<void>): Promise<void> => await write()

export async function isPinned(): Promise<boolean | 'unknown'> {
  const settings = await browser.action.getUserSettings().catch(() => null)
  return settings?.isOnToolbar ?? 'unknown'
}

/** Opens the popup where the browser allows it, else the same page as a small window. */
export async function openPopup(): Promise<void> {
  try {
    await browser.action.openPopup()
  } catch {
    await browser.windows.create({
      url: browser.runtime.getURL('/popup.html'),
      type: 'popup',
      width: 380,
      height: 560,
    })
  }
}
