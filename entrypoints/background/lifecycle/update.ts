import { browser } from '../../../platform/browser.ts'

export interface Updater {
  /** A new version waits. A worker kept awake by its heartbeats would never let it in by itself. */
  readonly available: () => void
  /** A call may have ended: the update need wait no longer. */
  readonly reconsider: () => void
}

/**
 * Lets an update in as soon as no call is in the way.
 *
 * @param inCall whether a call rings or has just been answered here.
 * @param sayGoodbye done before the reload; a failure of it does not hold the update back.
 */
export function createUpdater(inCall: () => boolean, sayGoodbye: () => Promise<void>): Updater {
  let waiting = false

  function reconsider(): void {
    if (!waiting || inCall()) return
    waiting = false
    const reload = () => browser.runtime.reload()
    void sayGoodbye().then(reload, reload)
  }

  return {
    available: () => {
      waiting = true
      reconsider()
    },
    reconsider,
  }
}
