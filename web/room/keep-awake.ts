/**
 * Keeps the screen on, where a browser can: a phone that goes to sleep takes the microphone with it. A browser lets go of it
 * whenever the page is not seen.
 *
 * @returns what lets the screen go off again.
 */
export function keepAwake(): () => void {
  let isOver = false
  let isAsking = false
  let held: WakeLockSentinel | undefined

  const letGo = (lock: WakeLockSentinel | undefined) => void lock?.release().catch(() => undefined)

  async function hold(): Promise<void> {
    if (isAsking || document.visibilityState !== 'visible' || held?.released === false) return
    isAsking = true
    // Refused where the battery is low, say.
    const lock = await navigator.wakeLock?.request('screen').catch(() => undefined)
    isAsking = false
    if (isOver) return letGo(lock)
    held = lock
  }

  const onVisibility = () => void hold()
  document.addEventListener('visibilitychange', onVisibility)
  void hold()
  return () => {
    isOver = true
    document.removeEventListener('visibilitychange', onVisibility)
    letGo(held)
  }
}
