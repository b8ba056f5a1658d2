/**
 * Keeps the screen of a phone lit while somebody waits: nothing of a page runs behind a dark one, and the visitor would lose
 * their place in half a minute.
 */
export interface LitScreen {
  /** @param isWanted whether somebody waits, and looks. */
  keep(isWanted: boolean): void
}

export function createLitScreen(): LitScreen {
  let isWanted = false
  let lock: WakeLockSentinel | undefined
  let isAsking = false

  const ask = async () => {
    isAsking = true
    // Where the browser has no such thing, or says no, the screen does as it is set to.
    const asked = await navigator.wakeLock?.request('screen').catch(() => undefined)
    isAsking = false
    if (isWanted) lock = asked
    else void asked?.release()
  }

  return {
    keep(wanted) {
      if (wanted && !isWanted && !isAsking) void ask()
      // A browser releases it by itself when the page is hidden.
      if (!wanted && lock) {
        void lock.release()
        lock = undefined
      }
      isWanted = wanted
    },
  }
}
