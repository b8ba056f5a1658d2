const most = 20
const every = 1_000

/**
 * Tells of changes at once, but for a flood of them: more than 20 in a second are told together at its end, unless
 * `urgent` is another text than when it was told last.
 */
export function paceChanges(urgent: () => string, tell: () => void): () => void {
  let since = Number.NEGATIVE_INFINITY
  let times = 0
  let told: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function tellNow(): void {
    clearTimeout(timer)
    timer = undefined
    told = urgent()
    tell()
  }

  return () => {
    const now = performance.now()
    if (now - since >= every) {
      since = now
      times = 0
    }
    times += 1
    if (times <= most || urgent() !== told) tellNow()
    else timer ??= setTimeout(tellNow, since + every - now)
  }
}
