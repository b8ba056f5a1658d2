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
  /** How often it came to be wanted: what was asked for before that is over, or refused, since the page was hidden. */
  let wanted = 0
  let lock: WakeLockSentinel | undefined
  let isAsking = false

  const ask = async () => {
    isAsking = true
    const before = wanted
    // Where the browser has no such thing, or says no, the screen does as it is set to.
    const asked = await navigator.wakeLock?.request('screen').catch(() => undefined)
    isAsking = false
    if (isWanted && wanted === before) {
      lock = asked
      return
    }
    void asked?.release()
    if (isWanted) void ask()
  }

  return {
    keep(isWantedNow) {
      const isNew = isWantedNow && !isWanted
      isWanted = isWantedNow
      if (isNew) {
        wanted += 1
        if (!isAsking) void ask()
      }
      // A browser releases it by itself when the page is hidden.
      if (!isWanted && lock) {
        void lock.release()
        lock = undefined
      }
    },
  }
}
