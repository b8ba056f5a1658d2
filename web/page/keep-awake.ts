/**
 * Keeps the screen on, where a browser can: behind a dark one a phone runs nothing of a page, and takes its microphone with it.
 * A browser lets go of it whenever the page is not seen, and it is asked for again once it is.
 *
 * @returns what lets the screen go off again.
 */
export function keepAwake(): () => void {
  let isOver = false
  let isAsking = false
  let held: WakeLockSentinel | undefined
  /** How often the page was hidden or seen again: what was asked for before that may be refused, or gone. */
  let changes = 0

  const letGo = (lock: WakeLockSentinel | undefined) => void lock?.release().catch(() => undefined)

  async function hold(): Promise<void> {
    if (isAsking || document.visibilityState !== 'visible' || held?.released === false) return
    isAsking = true
    const before = changes
    // Refused where the battery is low, say: then the screen does as it is set to, and the browser is not asked on.
    const lock = await navigator.wakeLock?.request('screen').catch(() => undefined)
    isAsking = false
    if (isOver) return letGo(lock)
    held = lock
    if (changes !== before) await hold()
  }

  const onVisibility = () => {
    changes += 1
    void hold()
  }
  document.addEventListener('visibilitychange', onVisibility)
  void hold()
  return () => {
    isOver = true
    document.removeEventListener('visibilitychange', onVisibility)
    letGo(held)
  }
}
