import { browser } from '../../../platform/browser.ts'

export interface Updater {
  /** A new version waits. A worker kept awake by its heartbeats would never let it in by itself. */
  readonly available: () => void
  /** A call may have ended: the update need wait no longer. */
  readonly reconsider: () => void
}

/** No call of a server of ours lasts as long, in milliseconds. */
const longest = 15 * 60_000

/**
 * Lets an update in as soon as no call is in the way, and at the latest after a quarter of an hour.
 *
 * @param inCall whether a call rings or has just been answered here.
 * @param sayGoodbye done before the reload; a failure of it does not hold the update back.
 */
export function createUpdater(inCall: () => boolean, sayGoodbye: () => Promise<void>): Updater {
  let waiting = false
  let late = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function reconsider(): void {
    if (!waiting || (inCall() && !late)) return
    waiting = false
    clearTimeout(timer)
    const reload = () => browser.runtime.reload()
    void sayGoodbye().then(reload, reload)
  }

  return {
    available: () => {
      waiting = true
      reconsider()
      if (waiting)
        timer ??= setTimeout(() => {
          late = true
          reconsider()
        }, longest)
    },
    reconsider,
  }
}
