import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { openPulse } from '../../../web/room/pulse.ts'

/** The worker itself, in a thread that there is not: its timers are told apart from the page's. */
class FakeWorker extends EventTarget {
  static readonly due: (() => void)[] = []
  readonly #scope: { self?: object; onmessage?: (event: { readonly data: unknown }) => void }

  constructor() {
    super()
    this.#scope = {
      setTimeout: (run: () => void) => FakeWorker.due.push(run),
      postMessage: (data: unknown) => this.dispatchEvent(new MessageEvent('message', { data })),
    } as object
    this.#scope.self = this.#scope
    runInNewContext(readFileSync(inRoot('web', 'room', 'pulse-worker.js'), 'utf8'), this.#scope)
  }

  postMessage(data: unknown): void {
    this.#scope.onmessage?.({ data })
  }
}

beforeEach(() => {
  FakeWorker.due.length = 0
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('RM12.5 what is to run is run once, by whichever timer goes off first: of a page that is not seen it is the worker’s', () => {
  vi.stubGlobal('Worker', FakeWorker)
  const after = openPulse()
  const run = vi.fn()
  after(2_000, run)
  expect(FakeWorker.due).toHaveLength(1)
  FakeWorker.due[0]?.()
  expect(run).toHaveBeenCalledOnce()
  vi.advanceTimersByTime(2_000)
  expect(run).toHaveBeenCalledOnce()

  after(2_000, run)
  vi.advanceTimersByTime(2_000)
  FakeWorker.due[1]?.()
  expect(run).toHaveBeenCalledTimes(2)

  const callOff = after(2_000, run)
  callOff()
  vi.advanceTimersByTime(2_000)
  FakeWorker.due[2]?.()
  expect(run).toHaveBeenCalledTimes(2)
})

test('RM12.5 where there is no worker the page’s own timers do', () => {
  vi.stubGlobal(
    'Worker',
    class {
      constructor() {
        throw new DOMException('refused', 'SecurityError')
      }
    },
  )
  const run = vi.fn()
  openPulse()(500, run)
  vi.advanceTimersByTime(500)
  expect(run).toHaveBeenCalledOnce()
})
