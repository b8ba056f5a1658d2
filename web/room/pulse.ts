import pulseWorker from './pulse-worker.js?url'
import type { After } from './timers.ts'

/**
 * Timers that go on in a page that nobody looks at: whoever waits for the other one in another tab keeps their seat. Each is
 * the page's own and one of a worker, and whichever goes off first counts; so that where there is no worker nothing is lost
 * but that.
 */
export function openPulse(): After {
  let last = 0
  const waiting = new Map<number, () => void>()
  const worker = workerOf(pulseWorker)
  worker?.addEventListener('message', ({ data }) => waiting.get(data)?.())
  return (milliseconds, run) => {
    last += 1
    const id = last
    const callOff = () => {
      waiting.delete(id)
      clearTimeout(timer)
    }
    const goOff = () => {
      callOff()
      run()
    }
    const timer = setTimeout(goOff, milliseconds)
    waiting.set(id, goOff)
    worker?.postMessage({ id, milliseconds })
    return callOff
  }
}

function workerOf(address: string): Worker | undefined {
  try {
    return new Worker(address)
  } catch {
    return undefined
  }
}
